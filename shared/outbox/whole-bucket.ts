/** All that stands in a part of the outbox, strongly consistent: for whoever compares or counts. */
import type { Item } from '../state/items.ts';
import type { RangeReader } from '../state/store.ts';
import { partitionsOf } from './outbox-items.ts';

export async function itemsOfPartition(
  store: RangeReader,
  table: string,
  value: string,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await store.page({
      table,
      partition: { name: 'pk', value },
      sort: { name: 'sk' },
      limit: 1_000,
      consistent: true,
      ...(after && { after }),
    });
    items.push(...page.items);
    after = page.next;
  } while (after);
  return items;
}

/** Of all its partitions together: an event and the ledger that names it may stand in two of them. */
export const itemsOfBucket = async (
  store: RangeReader,
  table: string,
  bucket: number,
): Promise<readonly Item[]> =>
  (
    await Promise.all(partitionsOf(bucket).map((value) => itemsOfPartition(store, table, value)))
  ).flat();
