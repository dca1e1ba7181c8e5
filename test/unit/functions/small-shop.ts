/** Orders and items over a store in memory, changed as the routes and the worker change them. */
import { cancelOrder } from '#functions/cancel-order/cancel-order.ts';
import { itemPriceAddress, itemStockAddress, orderAddress } from '#functions/domain/keys.ts';
import { type Order, readOrder, toOrderItem } from '#functions/domain/order.ts';
import { processOrder } from '#functions/order-process/order-process.ts';
import { publish } from '#functions/publish.ts';
import { type ItemChange, updateItem } from '#functions/update-item/update-item.ts';
import { type OrderChange, updateOrder } from '#functions/update-order/update-order.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Caller } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { Item, Value } from '#shared/state/items.ts';
import { type MemoryStoreOptions, memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

export const tenant = 'acme';
export const u1: Caller = { tenant, user: 'u1', role: 'user' };

const around = { trace: newTrace(), correlationId: 'request-1' };

export function smallShop({ faults = () => undefined }: Pick<MemoryStoreOptions, 'faults'> = {}) {
  const store = memoryStore({ faults });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });

  /** Under a key of its own unless one is given. */
  const run = <A extends Value>(
    useCase: (reader: UnitReader) => Promise<Decision<A, Problem>>,
    key: string = uuidV7(),
    fingerprint = key,
  ) =>
    unit.run(
      {
        key,
        fingerprint,
        retainMs: 60_000,
        deadline: deadline({ inMs: 60_000 }),
        subject: 'test',
      },
      useCase,
    );

  return {
    store,
    run,
    price: (itemId: string, priceMinor: number, currency = 'EUR', version = 1) =>
      store.write({
        put: { version, name: itemId, priceMinor, currency },
        at: itemPriceAddress(tenant, itemId),
      }),
    stock: (itemId: string, available: number) =>
      store.write({ put: { available }, at: itemStockAddress(tenant, itemId) }),
    stockOf: async (itemId: string) =>
      (await store.read(itemStockAddress(tenant, itemId)))?.['available'],
    priceOf: (itemId: string) => store.read(itemPriceAddress(tenant, itemId)),

    /** `extra` are attributes that no parser of orders knows. */
    async place(fields: Partial<Order> = {}, extra: Item = {}) {
      const lines = fields.lines ?? [{ itemId: 'book', quantity: 2, priceMinor: 100 }];
      const order: Order = {
        id: uuidV7(),
        tenant,
        userId: 'u1',
        status: 'pending',
        version: 1,
        lines,
        address: '1 Harbour Road',
        totalMinor: lines.reduce((sum, line) => sum + line.quantity * line.priceMinor, 0),
        currency: 'EUR',
        createdAt: new Date(0).toISOString(),
        ...fields,
      };
      const at = orderAddress(tenant, order.id);
      await store.write({ put: { ...toOrderItem(order), ...extra }, at });
      return order;
    },
    itemOf: (id: string) => store.read(orderAddress(tenant, id)),
    async find(id: string) {
      const item = await store.read(orderAddress(tenant, id));
      return item && readOrder(item);
    },
    events: () => store.items('outbox').map(({ type, seq, data }) => ({ type, seq, data })),

    update: (change: Omit<OrderChange, 'caller'> & { caller?: Caller }, key?: string) =>
      run(
        (reader) =>
          updateOrder(
            { caller: u1, ...change },
            { reader, publish: (happening) => publish(happening, around) },
          ),
        key,
      ),
    cancel: (id: string, ifMatch: number, { caller = u1, key = uuidV7() } = {}) =>
      run(
        (reader) =>
          cancelOrder(
            { caller, ifMatch, id },
            { reader, publish: (happening) => publish(happening, around) },
          ),
        key,
      ),
    replace: (change: Omit<ItemChange, 'caller'>, key?: string) =>
      run(
        (reader) =>
          updateItem(
            { caller: { ...u1, role: 'admin' }, ...change },
            { reader, publish: (happening) => publish(happening, around) },
          ),
        key,
      ),
    process: ({ id, userId }: Order) =>
      run((reader) =>
        processOrder(
          {
            id: uuidV7(),
            type: 'order.created',
            tenant,
            aggregate: `order/${id}`,
            seq: 1,
            occurredAtMs: 0,
            traceparent: '',
            correlationId: 'request-1',
            data: { orderId: id, userId },
          },
          { reader, publish: (happening) => publish(happening, around) },
        ),
      ),
  };
}

export const refusedWith = (slug: string) => ({ how: 'refused', refusal: { slug } });
