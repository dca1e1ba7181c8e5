/** GET /reports/sales: every order of a tenant, read once. */
import type { Item } from '#shared/state/items.ts';
import type { RangeReader } from '#shared/state/store.ts';
import { orderListPartition, orderListShards } from '../domain/keys.ts';
import { readOrder } from '../domain/order.ts';
import { type Days, type SalesView, sales } from '../domain/sales.ts';

export interface ReportOptions {
  readonly tenant: string;
  readonly days: Days;
  /**
   * Most orders read of each of the tenant's shards; what lies behind makes the report `truncated`.
   * 2,500 are about a second of queries one after the other, and 20,000 orders in all.
   */
  readonly maxOrdersPerShard?: number;
  readonly pageSize?: number;
}

/**
 * The index sorts by user, so days save no reading: they only choose what is counted.
 * @throws RangeError for sums that would not be exact
 */
export async function salesReport(
  store: RangeReader,
  { tenant, days, maxOrdersPerShard = 2_500, pageSize = 500 }: ReportOptions,
): Promise<SalesView> {
  const sold = sales(days);

  /** @returns whether the shard holds more. */
  async function addShard(shard: number): Promise<boolean> {
    let left = maxOrdersPerShard;
    let after: Item | undefined;
    do {
      const page = await store.page({
        table: 'domain',
        index: 'lists',
        partition: { name: 'listPk', value: orderListPartition(tenant, shard) },
        sort: { name: 'listSk' },
        limit: Math.min(pageSize, left),
        ...(after && { after }),
      });
      for (const item of page.items) sold.add(readOrder(item));
      left -= page.items.length;
      after = page.next;
    } while (after && left > 0);
    return after !== undefined;
  }

  const shards = Array.from({ length: orderListShards }, (_, shard) => shard);
  const unread = await Promise.all(shards.map(addShard));
  return sold.view(unread.includes(true));
}
