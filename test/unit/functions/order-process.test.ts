import { describe, expect, it } from 'vitest';
import { itemStockAddress, orderAddress } from '#functions/domain/keys.ts';
import { type Order, readOrder, toOrderItem } from '#functions/domain/order.ts';
import { processOrder } from '#functions/order-process/order-process.ts';
import { type Happening, publish } from '#functions/publish.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { addressText } from '#shared/state/items.ts';
import { memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { PermanentFault } from '#shared/worker/faults.ts';

const tenant = 'acme';
const trace = newTrace();

function shop({ before = async () => {} }: { before?: (call: StoreCall) => Promise<void> } = {}) {
  const commits: StoreCall[] = [];
  const store = memoryStore({
    async faults(call) {
      if (call.verb === 'commit') commits.push(call);
      await before(call);
      return undefined;
    },
  });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  const stockOf = async (itemId: string) =>
    (await store.read(itemStockAddress(tenant, itemId)))?.['available'];

  return {
    store,
    commits,
    stockOf,
    stock: (itemId: string, available: number) =>
      store.write({ put: { available }, at: itemStockAddress(tenant, itemId) }),
    async place(lines: Readonly<Record<string, number>>, fields: Partial<Order> = {}) {
      const order: Order = {
        id: uuidV7(),
        tenant,
        userId: 'u1',
        status: 'pending',
        version: 1,
        lines: Object.entries(lines).map(([itemId, quantity]) => ({
          itemId,
          quantity,
          priceMinor: 100,
        })),
        address: '1 Harbour Road',
        totalMinor: 100,
        currency: 'EUR',
        createdAt: new Date(0).toISOString(),
        ...fields,
      };
      await store.write({ put: toOrderItem(order), at: orderAddress(tenant, order.id) });
      return order;
    },
    async find(id: string) {
      const item = await store.read(orderAddress(tenant, id));
      return item && readOrder(item);
    },
    process: (orderId: string, eventId = uuidV7()) =>
      unit.run(
        {
          key: unitKey('inbox', 'order:process', eventId),
          fingerprint: orderId,
          retainMs: 1_000,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'order:process',
        },
        (reader) =>
          processOrder(
            {
              id: eventId,
              type: 'order.created',
              tenant,
              aggregate: `order/${orderId}`,
              seq: 1,
              occurredAtMs: 0,
              traceparent: '',
              correlationId: 'request-1',
              data: { orderId, userId: 'u1' },
            },
            {
              reader,
              publish: (happening: Happening<'order.confirmed' | 'order.rejected'>) =>
                publish(happening, { trace, correlationId: 'request-1' }),
            },
          ),
      ),
    events: () =>
      store.items('outbox').map(({ type, seq, aggregate }) => ({ type, seq, aggregate })),
  };
}

describe('processing an order', () => {
  it('takes the stock of every line, confirms the order and says so, in one transaction', async () => {
    const { place, stock, process, find, stockOf, events, commits } = shop();
    await Promise.all([stock('book', 5), stock('lamp', 1)]);
    const { id } = await place({ book: 2, lamp: 1 });
    expect(await process(id)).toMatchObject({ how: 'committed', answer: { status: 'confirmed' } });
    expect(await find(id)).toMatchObject({ status: 'confirmed', version: 2 });
    expect([await stockOf('book'), await stockOf('lamp')]).toEqual([3, 0]);
    expect(events()).toEqual([{ type: 'order.confirmed', seq: 2, aggregate: `order/${id}` }]);
    expect(commits).toHaveLength(1);
  });

  it('rejects an order that lacks one line, and takes nothing', async () => {
    const { place, stock, process, find, stockOf, events } = shop();
    await Promise.all([stock('book', 5), stock('lamp', 0)]);
    const { id } = await place({ book: 2, lamp: 1 });
    expect(await process(id)).toMatchObject({ answer: { status: 'rejected' } });
    expect(await find(id)).toMatchObject({ status: 'rejected', version: 2 });
    expect(await stockOf('book')).toBe(5);
    expect(events()).toEqual([{ type: 'order.rejected', seq: 2, aggregate: `order/${id}` }]);
  });

  it('rejects an order for an item that has no stock at all', async () => {
    const { place, process } = shop();
    const { id } = await place({ ghost: 1 });
    expect(await process(id)).toMatchObject({ answer: { status: 'rejected' } });
  });

  it('keeps what else is known of the order, its place in the list and the record of its making among it', async () => {
    const { place, stock, process, find, store } = shop();
    await stock('book', 1);
    const placed = await place({ book: 1 });
    const made = { fingerprint: 'f', owner: 'o', answer: '{}' };
    await store.write({ set: { made }, at: orderAddress(tenant, placed.id) });
    await process(placed.id);
    expect(await find(placed.id)).toEqual({ ...placed, status: 'confirmed', version: 2 });
    expect(await store.read(orderAddress(tenant, placed.id))).toMatchObject({
      made,
      listPk: expect.any(String),
      listSk: expect.stringContaining(placed.id),
    });
  });

  it.each([
    { lines: { book: 2, lamp: 1 }, stock: 9 },
    { lines: { book: 2, lamp: 1 }, stock: 0 },
  ])('names no item twice in its transaction: %j', async ({ lines, stock: available }) => {
    const { place, stock, process, commits } = shop();
    await Promise.all([stock('book', available), stock('lamp', available)]);
    const { id } = await place(lines);
    await process(id);
    const addresses = commits[0]?.transaction?.writes.map(({ at }) => addressText(at)) ?? [];
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('has nothing to do for an order that was decided before', async () => {
    const { place, stock, process, stockOf, events } = shop();
    await stock('book', 5);
    const { id } = await place({ book: 2 }, { status: 'confirmed', version: 2 });
    expect(await process(id)).toMatchObject({ answer: { outcome: 'done', status: 'confirmed' } });
    expect(await stockOf('book')).toBe(5);
    expect(events()).toEqual([]);
  });

  it('takes the stock once, however often the event comes', async () => {
    const { place, stock, process, stockOf, events } = shop();
    await stock('book', 5);
    const { id } = await place({ book: 2 });
    const eventId = uuidV7();
    expect(await process(id, eventId)).toMatchObject({ how: 'committed' });
    expect(await process(id, eventId)).toMatchObject({ how: 'replayed' });
    expect(await stockOf('book')).toBe(3);
    expect(events()).toHaveLength(1);
  });

  it('cannot be tried again for an order that does not exist', async () => {
    await expect(shop().process(uuidV7())).rejects.toThrow(new PermanentFault('order-missing'));
  });

  it('decides anew when the stock falls between its look and its commit', async () => {
    const small: ReturnType<typeof shop> = shop({
      async before({ verb }) {
        if (verb === 'commit' && small.commits.length === 1) await small.stock('book', 1);
      },
    });
    await small.stock('book', 2);
    const { id } = await small.place({ book: 2 });
    expect(await small.process(id)).toMatchObject({ answer: { status: 'rejected' } });
    expect(await small.stockOf('book')).toBe(1);
  });

  it.each([undefined, 1])(
    'decides anew when stock comes in between its look at %s and a rejection',
    async (available) => {
      const small: ReturnType<typeof shop> = shop({
        async before({ verb }) {
          if (verb === 'commit' && small.commits.length === 1) await small.stock('book', 2);
        },
      });
      if (available !== undefined) await small.stock('book', available);
      const { id } = await small.place({ book: 2 });
      expect(await small.process(id)).toMatchObject({ answer: { status: 'confirmed' } });
      expect(await small.stockOf('book')).toBe(0);
    },
  );

  it('never gives out more than there is, however many orders come at once', async () => {
    const { place, stock, process, find, stockOf } = shop();
    await stock('book', 7);
    const orders = await Promise.all(Array.from({ length: 20 }, () => place({ book: 1 })));
    for (const { id } of orders) {
      // As workers do: an order in the way of others comes back.
      while ((await find(id))?.status === 'pending') await process(id).catch(() => {});
    }
    const decided = await Promise.all(orders.map(({ id }) => find(id)));
    expect(decided.filter((order) => order?.status === 'confirmed')).toHaveLength(7);
    expect(await stockOf('book')).toBe(0);
  });
});
