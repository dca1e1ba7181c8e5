/**
 * A poll's tallies: counters that move in the transaction of the vote, so that they are exact at
 * every moment, split so that voters are not in each other's way.
 *
 * Two transactions on one item at the same time cancel each other, so what limits a counter item is
 * not its capacity but how long a transaction holds it, some 10 ms. A partition takes 1,000 write
 * units a second and a transactional write of a small item costs 2, hence 500 votes a second; spread
 * over 16 items that is 31 a second each, of which about 27 % (1 - e^-0.31) meet another and run
 * again, and 0.5 % do so in all four runs and are told to come back. More items in one partition
 * would not help, as the partition is the limit then; a poll for a larger crowd has more partitions.
 *
 * The 16 items together are below 4 KB, so a consistent read of all of them is one query and one
 * read unit for up to eight options or so: 3,000 reads a second for each partition.
 */
import type { Item, Write } from '#shared/state/items.ts';
import type { Range } from '#shared/state/store.ts';
import { shardOf, tallyAddress, tallyPartition } from './keys.ts';
import type { Poll } from './poll.ts';

export const shardsPerPartition = 16;

/** What a vote does to the counters: -1 for the option it leaves, +1 for the one it takes. */
export const moved = (
  from: string | null,
  to: string | null,
): Readonly<Record<string, number>> => ({
  ...(from !== null && { [counterOf(from)]: -1 }),
  ...(to !== null && { [counterOf(to)]: 1 }),
});

/** All votes of a user move one item, so that no read of it sees the user twice, or half a change. */
export function tallyWrite(
  tenant: string,
  { id, tallyPartitions }: Pick<Poll, 'id' | 'tallyPartitions'>,
  userId: string,
  add: Readonly<Record<string, number>>,
): Write {
  const shard = shardOf(userId, tallyPartitions * shardsPerPartition);
  const at = tallyAddress(tenant, id, {
    partition: Math.floor(shard / shardsPerPartition),
    shard: shard % shardsPerPartition,
  });
  return { add, at };
}

/** The queries that find every counter of a poll. */
export const tallyRanges = (
  tenant: string,
  { id, tallyPartitions }: Pick<Poll, 'id' | 'tallyPartitions'>,
): readonly Range[] =>
  Array.from({ length: tallyPartitions }, (_, partition) => ({
    table: 'domain',
    partition: { name: 'pk', value: tallyPartition(tenant, id, partition) },
    sort: { name: 'sk' },
    limit: shardsPerPartition,
    consistent: true,
  }));

/** @throws TypeError for a counter that cannot be: a fault of ours, never a poll without votes. */
export const votesFor = (option: string, counters: readonly Item[]): number =>
  counters.reduce((sum, counter) => {
    const votes = counter[counterOf(option)] ?? 0;
    if (!Number.isSafeInteger(votes) || Number(votes) < 0)
      throw new TypeError(`a counter of ${option} holds ${votes}`);
    return sum + Number(votes);
  }, 0);

/** No option can be named like a key of the item. */
const counterOf = (option: string): string => `for:${option}`;
