import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import { type Order, orderStatuses, toOrderItem } from '#functions/domain/order.ts';
import { maxReportItems, sales, salesView } from '#functions/domain/sales.ts';
import { salesReport } from '#functions/get-sales-report/get-sales-report.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const line = (itemId: string, quantity: number, priceMinor: number) => ({
  itemId,
  quantity,
  priceMinor,
});

function orderOf({ lines = [line('book', 2, 100)], ...fields }: Partial<Order> = {}): Order {
  return {
    id: uuidV8Of(JSON.stringify(fields)),
    tenant: 'acme',
    userId: 'u1',
    status: 'confirmed',
    version: 1,
    lines,
    address: 'Here',
    totalMinor: lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
    currency: 'EUR',
    createdAt: '2026-03-01T12:00:00.000Z',
    ...fields,
  };
}

function reportOf(orders: readonly Order[], days = {}) {
  const sold = sales(days);
  for (const order of orders) sold.add(order);
  return sold.view(false);
}

describe('sales', () => {
  it('count orders by status, and sum the confirmed by currency and item', () => {
    const orders = [
      orderOf({ lines: [line('book', 2, 100), line('lamp', 1, 500)] }),
      orderOf({ lines: [line('book', 3, 110)] }),
      orderOf({ lines: [line('book', 1, 7)], currency: 'JPY' }),
      orderOf({ status: 'pending' }),
      orderOf({ status: 'rejected' }),
      orderOf({ status: 'cancelled' }),
    ];
    expect(reportOf(orders)).toEqual({
      statuses: { pending: 1, confirmed: 3, rejected: 1, cancelled: 1 },
      currencies: [
        { currency: 'EUR', orders: 2, units: 6, totalMinor: 1_030 },
        { currency: 'JPY', orders: 1, units: 1, totalMinor: 7 },
      ],
      items: [
        { itemId: 'book', currency: 'EUR', orders: 2, units: 5, totalMinor: 530 },
        { itemId: 'lamp', currency: 'EUR', orders: 1, units: 1, totalMinor: 500 },
        { itemId: 'book', currency: 'JPY', orders: 1, units: 1, totalMinor: 7 },
      ],
      itemsLeftOut: 0,
      truncated: false,
    });
  });

  // biome-ignore format: a table, one range a row
  it.each([
    [{},                                             3],
    [{ from: '2026-03-01' },                         2],
    [{ to: '2026-03-01' },                           2],
    [{ from: '2026-03-01', to: '2026-03-01' },       1],
    [{ from: '2026-03-03' },                         0],
  ])('of %j count %i orders: both days are in it, to their ends in UTC', (days, counted) => {
    const at = ['2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'];
    const report = reportOf(at.map((createdAt) => orderOf({ createdAt })), days);
    expect(report.statuses.confirmed).toBe(counted);
    expect(report).toMatchObject(days);
  });

  it('name the items of which most was sold, and say how many they leave out', () => {
    const items = Array.from({ length: maxReportItems + 3 }, (_, n) =>
      orderOf({ lines: [line(`item-${n}`, n + 1, 1)] }),
    );
    const report = reportOf(items);
    expect(report.items).toHaveLength(maxReportItems);
    expect(report.items[0]).toMatchObject({ itemId: `item-${maxReportItems + 2}` });
    expect(report.itemsLeftOut).toBe(3);
    expect(report.currencies[0]?.units).toBe((items.length * (items.length + 1)) / 2);
  });

  it('are refused rather than rounded where a sum is no longer exact', () => {
    const half = orderOf({ lines: [line('palace', 1, 2 ** 52)] });
    expect(reportOf([half]).currencies[0]?.totalMinor).toBe(2 ** 52);
    expect(() => reportOf([half, half])).toThrow(RangeError);
  });

  it('add up: items to currencies, in every order of orders', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            status: fc.constantFrom(...orderStatuses),
            currency: fc.constantFrom('EUR', 'USD'),
            lines: fc.uniqueArray(
              fc.record({
                itemId: fc.constantFrom('a', 'b', 'c'),
                quantity: fc.integer({ min: 1, max: 9 }),
                priceMinor: fc.integer({ min: 1, max: 99 }),
              }),
              { selector: ({ itemId }) => itemId, minLength: 1 },
            ),
          }),
        ),
        (made) => {
          const orders = made.map(orderOf);
          const report = reportOf(orders);
          expect(reportOf(orders.toReversed())).toEqual(report);
          expect(salesView.parse(report)).toEqual(report);
          expect(Object.values(report.statuses).reduce((a, b) => a + b)).toBe(orders.length);
          for (const { currency, units, totalMinor } of report.currencies) {
            const its = report.items.filter((item) => item.currency === currency);
            expect(its.reduce((sum, item) => sum + item.units, 0)).toBe(units);
            expect(its.reduce((sum, item) => sum + item.totalMinor, 0)).toBe(totalMinor);
          }
        },
      ),
    ));
});

describe('the report', () => {
  async function shop(users: number, each: number) {
    const pages: number[] = [];
    const store = memoryStore();
    for (const tenant of ['acme', 'globex'])
      for (let user = 0; user < users; user++)
        for (let nth = 0; nth < each; nth++) {
          const order = orderOf({
            tenant,
            userId: `u${user}`,
            createdAt: new Date(nth).toISOString(),
          });
          await store.write({ put: toOrderItem(order), at: orderAddress(tenant, order.id) });
        }
    const report = (options = {}) =>
      salesReport(
        {
          page: (range) => {
            pages.push(range.limit);
            return store.page(range);
          },
        },
        { tenant: 'acme', days: {}, ...options },
      );
    return { report, pages };
  }

  it('has every order of its tenant and no other, over all shards and pages', async () => {
    const { report, pages } = await shop(30, 5);
    expect(await report({ pageSize: 4 })).toMatchObject({
      statuses: { confirmed: 150 },
      truncated: false,
    });
    expect(Math.max(...pages)).toBe(4);
  });

  it('reads so many orders of a shard at most, and says that there are more', async () => {
    const { report, pages } = await shop(1, 10);
    expect(await report({ pageSize: 4, maxOrdersPerShard: 9 })).toMatchObject({
      statuses: { confirmed: 9 },
      truncated: true,
    });
    expect(pages.toSorted().slice(0, 3)).toEqual([1, 4, 4]);
    expect(await report({ pageSize: 4, maxOrdersPerShard: 10 })).toMatchObject({
      statuses: { confirmed: 10 },
      truncated: false,
    });
  });
});
