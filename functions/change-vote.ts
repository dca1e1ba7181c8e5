/** What casting and withdrawing a vote have in common: the vote and its counters, in one transaction. */
import type { Call } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { pollAddress, voteAddress } from './domain/keys.ts';
import {
  changeVote,
  readPoll,
  readVote,
  toVoteView,
  type VoteView,
  voteAggregate,
} from './domain/poll.ts';
import { moved, tallyWrite } from './domain/tally.ts';
import { publish } from './publish.ts';

export interface VoteWanted {
  readonly pollId: string;
  /** Null: none. */
  readonly option: string | null;
}

/** Asking for what is so already changes nothing, whoever asks: also a withdrawal without a vote. */
export async function changeVoteOf(
  { caller, trace, requestId: correlationId }: Pick<Call, 'caller' | 'trace' | 'requestId'>,
  { pollId, option }: VoteWanted,
  { look, read }: UnitReader,
  now: () => number = Date.now,
): Promise<Decision<VoteView, Problem>> {
  const { tenant, user: userId } = caller;
  const at = voteAddress(tenant, pollId, userId);
  const [poll, before] = await Promise.all([
    look(pollAddress(tenant, pollId)).then(readPoll),
    read(at).then(readVote),
  ]);
  if (!poll) return { refused: new Problem('not-found') };
  const change = changeVote(poll, before, option, { userId, nowMs: now() });
  if ('refused' in change) return { refused: toProblem(change.refused, poll.closesAt) };
  if ('same' in change) return { answer: toVoteView(pollId, change.same), writes: [] };

  const { vote, from } = change;
  const happening = {
    type: option === null ? 'vote.withdrawn' : 'vote.cast',
    tenant,
    aggregate: voteAggregate(pollId, userId),
    seq: vote.version,
    data: { pollId, userId },
  } as const;
  return {
    answer: toVoteView(pollId, vote),
    writes: [
      // The reader has read the vote, so the commit holds only for the version that was read.
      { put: vote, at },
      tallyWrite(tenant, poll, userId, moved(from, option)),
      publish(happening, { trace, correlationId }),
    ],
  };
}

const toProblem = (slug: 'poll-closed' | 'option-unknown', closesAt: string): Problem =>
  slug === 'poll-closed'
    ? new Problem(slug, { detail: `It closed at ${closesAt}.`, extensions: { closesAt } })
    : new Problem(slug, {
        extensions: { errors: [{ pointer: '/option', detail: 'is no option of this poll' }] },
      });
