/** A poll and the votes on it: what they are, what callers see, and the only code that knows their items. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';

export const pollId = z.uuid().toLowerCase();

export const optionId = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'One of the options of the poll.' });

const poll = z.object({
  version: z.int().min(1),
  id: z.string(),
  question: z.string(),
  options: z.array(z.object({ id: optionId, label: z.string() })).min(1),
  closesAt: z.iso.datetime(),
  /** Partitions of counters: 500 votes a second each (domain/tally.ts). */
  tallyPartitions: z.int().min(1).max(64),
});

/**
 * Never written while it is open: a vote only looks at it, because a condition on it would make it
 * the one item that every voter contends for. Nothing is lost by that: what a vote relies on (its
 * options, its end, where its counters are) is fixed when the poll is made.
 */
export type Poll = z.infer<typeof poll>;

const vote = z.object({
  version: z.int().min(1),
  pollId: z.string(),
  userId: z.string(),
  /** Null when it is withdrawn: the item stays, so that its version never begins anew. */
  option: optionId.nullable(),
  changedAt: z.iso.datetime(),
});

export type Vote = z.infer<typeof vote>;

/** Each is undefined for no item, and throws ZodError for one in another format. */
export const readPoll = (item: Item | undefined): Poll | undefined => item && poll.parse(item);
export const readVote = (item: Item | undefined): Vote | undefined => item && vote.parse(item);

export const voteView = z
  .strictObject({
    pollId: z.uuid(),
    option: optionId.nullable().meta({ description: 'null: this user has no vote.' }),
    version: z.int().min(0).meta({
      description: 'Grows with each change; it is the ETag. 0: this user never voted.',
    }),
  })
  .meta({ id: 'Vote' });

export type VoteView = z.infer<typeof voteView>;

export const toVoteView = (pollId: string, vote: Vote | undefined): VoteView => ({
  pollId,
  option: vote?.option ?? null,
  version: vote?.version ?? 0,
});

export const voteHeaders = ({ version }: VoteView) => ({ etag: `"${version}"` });

/** One user's vote has versions of its own, so it is an aggregate of its own. */
export const voteAggregate = (pollId: string, userId: string): string =>
  ['vote', pollId, userId].map(encodeURIComponent).join('/');

/** Longer than any function works on a vote that it took in time. */
export const settleMs = 15_000;

export const pollStates = ['open', 'counting', 'closed'] as const;

/** `counting`: votes that were taken in time may still arrive. */
export function stateOf(
  { closesAt }: Pick<Poll, 'closesAt'>,
  nowMs: number,
): (typeof pollStates)[number] {
  const sinceMs = nowMs - Date.parse(closesAt);
  if (sinceMs < 0) return 'open';
  return sinceMs < settleMs ? 'counting' : 'closed';
}

export interface ChangedBy {
  readonly userId: string;
  readonly nowMs: number;
}

export type VoteChange =
  | { readonly refused: 'poll-closed' | 'option-unknown' }
  /** What the user asks for is so already. */
  | { readonly same: Vote | undefined }
  | { readonly vote: Vote; readonly from: string | null };

/** The user's vote as it will be: for `to`, or withdrawn (null). */
export function changeVote(
  poll: Poll,
  before: Vote | undefined,
  to: string | null,
  { userId, nowMs }: ChangedBy,
): VoteChange {
  if (stateOf(poll, nowMs) !== 'open') return { refused: 'poll-closed' };
  if (to !== null && !poll.options.some(({ id }) => id === to))
    return { refused: 'option-unknown' };
  const from = before?.option ?? null;
  if (from === to) return { same: before };
  return {
    from,
    vote: {
      version: (before?.version ?? 0) + 1,
      pollId: poll.id,
      userId,
      option: to,
      changedAt: new Date(nowMs).toISOString(),
    },
  };
}
