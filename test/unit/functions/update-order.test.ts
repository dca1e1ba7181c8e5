import { describe, expect, it } from 'vitest';
import { orderPatch } from '#functions/update-order/update-order.ts';
import type { Problem } from '#shared/http/problem.ts';
import { refusedWith, smallShop, tenant } from './small-shop.ts';

const lamps = [{ itemId: 'lamp', quantity: 3 }];
const ended = [{ status: 'cancelled' }, { status: 'rejected' }] as const;

describe('changing an order', () => {
  it('prices new lines as they stand now, moves the version on and says so', async () => {
    const { place, price, update, find, events } = smallShop();
    await price('lamp', 3_900);
    const order = await place();
    const wanted = { ...order, version: 2, totalMinor: 11_700 };
    expect(await update({ id: order.id, ifMatch: 1, patch: { lines: lamps } })).toMatchObject({
      how: 'committed',
      answer: { version: 2, totalMinor: 11_700, lines: [{ ...lamps[0], priceMinor: 3_900 }] },
    });
    expect(await find(order.id)).toMatchObject({
      ...wanted,
      lines: [{ ...lamps[0], priceMinor: 3_900 }],
    });
    expect(events()).toEqual([
      { type: 'order.changed', seq: 2, data: { orderId: order.id, userId: 'u1' } },
    ]);
  });

  it('keeps what it does not know of the order', async () => {
    const { place, update, itemOf } = smallShop();
    const { id } = await place({}, { made: { by: 'its request' } });
    const { listPk, listSk } = (await itemOf(id)) ?? {};
    await update({ id, ifMatch: 1, patch: { address: 'There' } });
    expect(await itemOf(id)).toMatchObject({
      address: 'There',
      made: { by: 'its request' },
      listPk,
      listSk,
    });
  });

  it('changes the address of a confirmed order and nothing else', async () => {
    const { place, update, find } = smallShop();
    const order = await place({ status: 'confirmed', version: 2 });
    await update({ id: order.id, ifMatch: 2, patch: { address: 'There' } });
    expect(await find(order.id)).toEqual({ ...order, address: 'There', version: 3 });
  });

  it('that asks for what stands answers it, with its version and without an event', async () => {
    const { place, price, update, find, events } = smallShop();
    await price('book', 100);
    const order = await place();
    const patch = { lines: [{ itemId: 'book', quantity: 2 }], address: order.address };
    expect(await update({ id: order.id, ifMatch: 1, patch })).toMatchObject({
      how: 'committed',
      answer: { version: 1 },
    });
    expect(await find(order.id)).toEqual(order);
    expect(events()).toEqual([]);
  });

  it('changes an order whose lines stay and whose prices do not', async () => {
    const { place, price, update } = smallShop();
    await price('book', 150);
    const { id } = await place();
    const patch = { lines: [{ itemId: 'book', quantity: 2 }] };
    expect(await update({ id, ifMatch: 1, patch })).toMatchObject({
      answer: { version: 2, totalMinor: 300 },
    });
  });

  it('of another version is refused with the one that stands, and leaves no trace', async () => {
    const { place, update, find, events, store } = smallShop();
    const order = await place({ version: 3 });
    const outcome = await update({ id: order.id, ifMatch: 2, patch: { address: 'There' } });
    expect(outcome).toMatchObject(refusedWith('stale-version'));
    const { options } = (outcome as { refusal: Problem }).refusal;
    expect(options).toMatchObject({
      headers: { etag: '"3"' },
      extensions: { currentVersion: 3 },
    });
    expect(await find(order.id)).toEqual(order);
    expect([events(), store.items('state')]).toEqual([[], []]);
  });

  it.each(ended)('that is $status is refused, whatever version was read', async (fields) => {
    const { place, update } = smallShop();
    const { id } = await place({ ...fields, version: 3 });
    for (const ifMatch of [2, 3])
      expect(await update({ id, ifMatch, patch: { address: 'There' } })).toMatchObject(
        refusedWith('order-ended'),
      );
  });

  it('cannot be other lines once stock is reserved', async () => {
    const { place, price, update, find } = smallShop();
    await price('lamp', 1);
    const order = await place({ status: 'confirmed', version: 2 });
    const patch = { lines: lamps, address: 'There' };
    expect(await update({ id: order.id, ifMatch: 2, patch })).toMatchObject(
      refusedWith('order-lines-fixed'),
    );
    expect(await find(order.id)).toEqual(order);
  });

  it('is refused for an item that there is not, and for currencies that differ', async () => {
    const { place, price, update } = smallShop();
    await price('book', 1);
    await price('sari', 1, 'INR');
    const { id } = await place();
    const lines = [
      { itemId: 'book', quantity: 1 },
      { itemId: 'sari', quantity: 1 },
    ];
    expect(await update({ id, ifMatch: 1, patch: { lines: lamps } })).toMatchObject(
      refusedWith('item-unknown'),
    );
    expect(await update({ id, ifMatch: 1, patch: { lines } })).toMatchObject(
      refusedWith('currency-mixed'),
    );
  });

  it('of somebody else is not found, unless by an admin', async () => {
    const { place, update } = smallShop();
    const { id } = await place({ userId: 'u2' });
    const change = { id, ifMatch: 1, patch: { address: 'There' } };
    expect(await update(change)).toMatchObject(refusedWith('not-found'));
    const admin = { tenant, user: 'boss', role: 'admin' } as const;
    expect(await update({ ...change, caller: admin })).toMatchObject({ how: 'committed' });
  });

  it('under its key again is its first answer, though its If-Match is stale by then', async () => {
    const { place, update, events } = smallShop();
    const { id } = await place();
    const change = { id, ifMatch: 1, patch: { address: 'There' } };
    const first = await update(change, 'k');
    expect(await update(change, 'k')).toEqual({ ...first, how: 'replayed' });
    expect(events()).toHaveLength(1);
  });

  it('of two at once on one version happens once, and the other hears the version that stands', async () => {
    const { place, update, find } = smallShop();
    const { id } = await place();
    const outcomes = await Promise.all(
      ['A', 'B'].map((address) => update({ id, ifMatch: 1, patch: { address } })),
    );
    expect(outcomes.map(({ how }) => how).sort()).toEqual(['committed', 'refused']);
    const winner = outcomes.findIndex(({ how }) => how === 'committed');
    expect(await find(id)).toMatchObject({ version: 2, address: ['A', 'B'][winner] });
    expect(outcomes.find(({ how }) => how === 'refused')).toMatchObject(
      refusedWith('stale-version'),
    );
  });

  it('decides anew when a price changes between its reading and its commit', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1) await shop.price('lamp', 4_000, 'EUR', 2);
        return undefined;
      },
    });
    await shop.price('lamp', 3_900);
    const { id } = await shop.place();
    expect(await shop.update({ id, ifMatch: 1, patch: { lines: lamps } })).toMatchObject({
      answer: { totalMinor: 12_000 },
    });
  });
});

describe('the worker of an order', () => {
  it('reserves the lines that stand, not those it was placed with', async () => {
    const { place, price, stock, update, process, stockOf, find } = smallShop();
    await Promise.all([price('lamp', 1), stock('lamp', 9), stock('book', 9)]);
    const order = await place();
    await update({ id: order.id, ifMatch: 1, patch: { lines: lamps } });
    await process(order);
    expect([await stockOf('book'), await stockOf('lamp')]).toEqual([9, 6]);
    expect(await find(order.id)).toMatchObject({ status: 'confirmed', version: 3 });
  });

  it('decides anew when the lines change between its reading and its commit', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1)
          await shop.update({ id: order.id, ifMatch: 1, patch: { lines: lamps } });
        return undefined;
      },
    });
    await Promise.all([shop.price('lamp', 1), shop.stock('lamp', 9), shop.stock('book', 9)]);
    const order = await shop.place();
    await shop.process(order);
    expect([await shop.stockOf('book'), await shop.stockOf('lamp')]).toEqual([9, 6]);
  });

  it('keeps what it does not know of the order', async () => {
    const { place, stock, process, itemOf } = smallShop();
    await stock('book', 9);
    const order = await place({}, { made: { by: 'its request' } });
    await process(order);
    expect(await itemOf(order.id)).toMatchObject({
      status: 'confirmed',
      made: { by: 'its request' },
    });
  });
});

describe('a patch', () => {
  it.each([
    ['nothing', {}],
    ['no lines', { lines: [] }],
    ['an empty address', { address: ' ' }],
    ['a status', { address: 'There', status: 'confirmed' }],
    ['a price', { lines: [{ itemId: 'book', quantity: 1, priceMinor: 1 }] }],
    ['null', { address: null }],
  ])('is not %s', (_, body) => {
    expect(orderPatch.safeParse(body).success).toBe(false);
  });
});
