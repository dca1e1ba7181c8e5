import { describe, expect, it } from 'vitest';
import { refusedWith, smallShop, tenant } from './small-shop.ts';

const lines = [
  { itemId: 'book', quantity: 2, priceMinor: 100 },
  { itemId: 'lamp', quantity: 1, priceMinor: 100 },
];

describe('cancelling an order', () => {
  it('gives back what was reserved, keeps the order and says so, in one transaction', async () => {
    const commits: unknown[] = [];
    const { place, stock, cancel, find, stockOf, events } = smallShop({
      faults({ verb, transaction }) {
        if (verb === 'commit') commits.push(transaction);
        return undefined;
      },
    });
    await Promise.all([stock('book', 5), stock('lamp', 0)]);
    const order = await place({ lines, status: 'confirmed', version: 2 });
    expect(await cancel(order.id, 2)).toMatchObject({
      how: 'committed',
      answer: { status: 'cancelled', version: 3 },
    });
    expect(await find(order.id)).toEqual({ ...order, status: 'cancelled', version: 3 });
    expect([await stockOf('book'), await stockOf('lamp')]).toEqual([7, 1]);
    expect(events()).toEqual([
      { type: 'order.cancelled', seq: 3, data: { orderId: order.id, userId: 'u1' } },
    ]);
    expect(commits).toHaveLength(1);
  });

  it('that is pending gives back nothing, as nothing was reserved', async () => {
    const { place, stock, cancel, stockOf } = smallShop();
    await stock('book', 5);
    const { id } = await place();
    await cancel(id, 1);
    expect(await stockOf('book')).toBe(5);
  });

  it('twice under one key gives back once, and answers alike', async () => {
    const { place, stock, cancel, stockOf } = smallShop();
    await stock('book', 5);
    const { id } = await place({ status: 'confirmed' });
    const first = await cancel(id, 1, { key: 'k' });
    expect(await cancel(id, 1, { key: 'k' })).toEqual({ ...first, how: 'replayed' });
    expect(await stockOf('book')).toBe(7);
  });

  it('twice under two keys is refused the second time, with either version', async () => {
    const { place, stock, cancel, stockOf } = smallShop();
    await stock('book', 5);
    const { id } = await place({ status: 'confirmed' });
    await cancel(id, 1);
    for (const version of [1, 2])
      expect(await cancel(id, version)).toMatchObject(refusedWith('order-ended'));
    expect(await stockOf('book')).toBe(7);
  });

  it('many times at once gives back once', async () => {
    const { place, stock, cancel, stockOf } = smallShop();
    await stock('book', 5);
    const { id } = await place({ status: 'confirmed' });
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, nth) => cancel(id, 1, { key: `k${nth % 4}` })),
    );
    expect(outcomes.filter(({ how }) => how === 'committed')).toHaveLength(1);
    expect(await stockOf('book')).toBe(7);
  });

  it('of another version is refused with the one that stands', async () => {
    const { place, stock, cancel, stockOf } = smallShop();
    await stock('book', 5);
    const { id } = await place({ status: 'confirmed', version: 2 });
    expect(await cancel(id, 1)).toMatchObject(refusedWith('stale-version'));
    expect(await stockOf('book')).toBe(5);
  });

  it('of somebody else, or that there is not, is not found', async () => {
    const { place, cancel } = smallShop();
    const { id } = await place();
    const u2 = { tenant, user: 'u2', role: 'user' } as const;
    const elsewhere = { ...u2, tenant: 'globex', role: 'admin' } as const;
    for (const caller of [u2, elsewhere])
      expect(await cancel(id, 1, { caller })).toMatchObject(refusedWith('not-found'));
    expect(await cancel('0197a000-0000-7000-8000-00000000ffff', 1)).toMatchObject(
      refusedWith('not-found'),
    );
  });

  it('keeps what it does not know of the order', async () => {
    const { place, cancel, itemOf } = smallShop();
    const { id } = await place({}, { made: { by: 'its request' } });
    await cancel(id, 1);
    expect(await itemOf(id)).toMatchObject({ status: 'cancelled', made: { by: 'its request' } });
  });
});

describe('the worker of an order', () => {
  it('has nothing to do for one that was cancelled first', async () => {
    const { place, stock, cancel, process, stockOf, find } = smallShop();
    await stock('book', 5);
    const order = await place();
    await cancel(order.id, 1);
    expect(await process(order)).toMatchObject({ answer: { status: 'cancelled' } });
    expect(await stockOf('book')).toBe(5);
    expect(await find(order.id)).toMatchObject({ status: 'cancelled', version: 2 });
  });

  it('reserves nothing when the order is cancelled between its reading and its commit', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1) await shop.cancel(order.id, 1);
        return undefined;
      },
    });
    await shop.stock('book', 5);
    const order = await shop.place();
    expect(await shop.process(order)).toMatchObject({ answer: { status: 'cancelled' } });
    expect(await shop.stockOf('book')).toBe(5);
    expect(shop.events().map(({ type }) => type)).toEqual(['order.cancelled']);
  });
});

describe('a cancellation', () => {
  it('that the worker overtakes is stale, and takes nothing from what was reserved', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1) await shop.process(order);
        return undefined;
      },
    });
    await shop.stock('book', 5);
    const order = await shop.place();
    expect(await shop.cancel(order.id, 1)).toMatchObject(refusedWith('stale-version'));
    expect(await shop.find(order.id)).toMatchObject({ status: 'confirmed' });
    expect(await shop.stockOf('book')).toBe(3);
  });
});
