/** GET /polls/{id}: a poll with its tallies and the caller's own vote. */
import * as z from 'zod';
import type { Caller } from '#shared/http/call.ts';
import type { ItemReader, RangeReader } from '#shared/state/store.ts';
import { pollAddress, voteAddress } from '../domain/keys.ts';
import { pollStates, readPoll, readVote, stateOf, toVoteView, voteView } from '../domain/poll.ts';
import { tallyRanges, votesFor } from '../domain/tally.ts';

export const pollView = z
  .strictObject({
    id: z.uuid(),
    question: z.string(),
    options: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        votes: z.int().min(0).meta({ description: 'Users whose vote it has.' }),
      }),
    ),
    votes: z.int().min(0).meta({ description: 'Sum over the options.' }),
    closesAt: z.iso.datetime(),
    state: z.enum(pollStates).meta({
      description: 'counting: closed to new votes, but some that came in time may not be in yet.',
    }),
    myVote: voteView,
  })
  .meta({ id: 'Poll' });

export type PollView = z.infer<typeof pollView>;

/** Undefined where there is no such poll. The clock is read first: `closed` means that nothing comes. */
export async function viewPoll(
  store: ItemReader & RangeReader,
  { tenant, user }: Pick<Caller, 'tenant' | 'user'>,
  id: string,
  now: () => number = Date.now,
): Promise<PollView | undefined> {
  const nowMs = now();
  const [poll, vote] = await Promise.all([
    // It never changes while it is open, so a late copy is as good.
    store.read(pollAddress(tenant, id), { consistent: false }).then(readPoll),
    store.read(voteAddress(tenant, id, user)).then(readVote),
  ]);
  if (!poll) return undefined;
  const pages = await Promise.all(tallyRanges(tenant, poll).map((range) => store.page(range)));
  const counters = pages.flatMap(({ items }) => items);
  const options = poll.options.map((option) => ({
    ...option,
    votes: votesFor(option.id, counters),
  }));
  return {
    id,
    question: poll.question,
    options,
    votes: options.reduce((sum, { votes }) => sum + votes, 0),
    closesAt: poll.closesAt,
    state: stateOf(poll, nowMs),
    myVote: toVoteView(id, vote),
  };
}
