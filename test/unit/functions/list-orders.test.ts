import { describe, expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import { type OrderList, type Position, pageOfOrders } from '#functions/list-orders/list-orders.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const users = ['u1', 'u2', 'u#1', 'ü/%', 'a user with spaces'];

/** `each` orders of every user of two tenants, in turn. */
async function shop(each: number) {
  const store = memoryStore();
  const ids: Record<string, string[]> = {};
  for (let nth = 0; nth < each; nth++)
    for (const tenant of ['acme', 'globex'])
      for (const userId of users) {
        // No order of ids: only the time of creation sorts, and the id tells apart what it cannot.
        const id = uuidV8Of(`${tenant} ${userId} ${nth}`);
        ids[`${tenant} ${userId}`] = [id, ...(ids[`${tenant} ${userId}`] ?? [])];
        const order = {
          id,
          tenant,
          userId,
          status: 'pending' as const,
          version: 1,
          lines: [],
          address: 'Here',
          totalMinor: 0,
          currency: 'EUR',
          createdAt: new Date(nth).toISOString(),
        };
        await store.write({ put: toOrderItem(order), at: orderAddress(tenant, id) });
      }
  const pages = async (list: OrderList, limit: number) => {
    const found: string[][] = [];
    let from: Position | undefined;
    do {
      const page = await pageOfOrders(store, list, { limit, ...(from && { from }) });
      found.push(page.orders.map(({ id }) => id));
      from = page.next;
    } while (from);
    return found;
  };
  return { ids, pages };
}

describe('the list of orders', () => {
  it.each(users)('has every order of %s, newest first, and nobody else’s', async (userId) => {
    const { ids, pages } = await shop(7);
    const found = await pages({ tenant: 'acme', userId }, 3);
    expect(found.flat()).toEqual(ids[`acme ${userId}`]);
  });

  it.each([1, 4, 100])('has every order of a tenant once, %i to a page', async (limit) => {
    const { ids, pages } = await shop(3);
    const found = (await pages({ tenant: 'acme' }, limit)).flat();
    const expected = users.flatMap((user) => ids[`acme ${user}`] ?? []);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  it('fills every page but the last', async () => {
    const { pages } = await shop(3);
    const sizes = (await pages({ tenant: 'acme' }, 4)).map((page) => page.length);
    expect(sizes.slice(0, -1).every((size) => size === 4)).toBe(true);
  });

  it('is empty for a user without orders', async () => {
    const { pages } = await shop(1);
    expect(await pages({ tenant: 'acme', userId: 'nobody' }, 5)).toEqual([[]]);
  });
});
