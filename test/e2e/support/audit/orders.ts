/** Orders and the stock that they take. */
import { type Order, orderAggregate, readOrder } from '#functions/domain/order.ts';
import { stock } from '../hammer/beginning.ts';
import { doneAnswer } from '../hammer/told.ts';
import { type Books, eventIdOfParked, sums } from './books.ts';

/** What was there, and came in, is what confirmed orders have and what is left. */
export const stockAddsUp = (books: Books): readonly string[] =>
  books.tenants.flatMap((tenant) => {
    const taken = sums(
      ordersOf(books, tenant)
        .filter(({ status }) => status === 'confirmed')
        .flatMap(({ lines }) => lines.map(({ itemId, quantity }) => [itemId, quantity] as const)),
    );
    const restocked = sums(
      books.told
        .filter(({ action }) => action.route === 'update-item' && action.caller.tenant === tenant)
        .flatMap((told) => {
          const { id, restocked: by } = (doneAnswer(told)?.body ?? {}) as Restocked;
          return id !== undefined && by !== undefined ? [[id, by] as const] : [];
        }),
    );
    return Object.entries(stock).flatMap(([itemId, began]) => {
      const due = began + (restocked.get(itemId) ?? 0) - (taken.get(itemId) ?? 0);
      const left = books
        .ofKind('item')
        .find((item) => item.tenant === tenant && item.rest[0] === itemId && item.sk === 'stock')
        ?.item['available'];
      return left === due && due >= 0
        ? []
        : [`item ${tenant}/${itemId}: ${due} should be left, ${left} is`];
    });
  });

interface Restocked {
  readonly id?: string;
  readonly restocked?: number;
}

const decisions = { confirmed: 'order.confirmed', rejected: 'order.rejected' } as const;

/** Each is decided, once, or its event is parked; and its state is what was told of it. */
export const ordersAreDecided = (books: Books): readonly string[] => {
  const events = Map.groupBy(books.events, ({ tenant, aggregate }) => `${tenant} ${aggregate}`);
  return books.tenants.flatMap((tenant) =>
    ordersOf(books, tenant).flatMap(({ id, status, version }) => {
      const told = (events.get(`${tenant} order/${id}`) ?? []).map(({ type }) => type);
      const times = (type: string) => told.filter((one) => one === type).length;
      const decided = Object.values(decisions).map(times);
      const right =
        times('order.created') === 1 &&
        told.length === version &&
        decided.reduce((a, b) => a + b, 0) <= 1 &&
        times('order.cancelled') === (status === 'cancelled' ? 1 : 0) &&
        (status === 'cancelled' ||
          (status === 'pending'
            ? decided.every((one) => one === 0) && isGivenUp(books, id)
            : times(decisions[status]) === 1));
      return right ? [] : [`order ${tenant}/${id} is ${status} at ${version} after ${told}`];
    }),
  );
};

/** Its creation lies parked: whoever replays it has it decided. */
const isGivenUp = (books: Books, orderId: string): boolean => {
  const parked = new Set(books.parked.map(eventIdOfParked));
  return books.events.some(
    ({ id, type, aggregate }) =>
      type === 'order.created' && aggregate === orderAggregate(orderId) && parked.has(id),
  );
};

export const ordersOf = (books: Books, tenant: string): readonly Order[] =>
  books
    .ofKind('order')
    .filter((entity) => entity.tenant === tenant)
    .map(({ item }) => readOrder(item));
