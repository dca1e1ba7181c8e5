/** The sales of a tenant: orders folded into numbers, page by page, so that no order is held. */
import * as z from 'zod';
import { maxBalanceMinor } from './money.ts';
import { type Order, orderStatuses } from './order.ts';

/** A report of more items names those that were sold most. */
export const maxReportItems = 1_000;

const count = z.int().min(0);

const sums = {
  orders: count.meta({ description: 'Confirmed orders.' }),
  units: count.meta({ description: 'Pieces in them.' }),
  totalMinor: count.meta({ description: 'What they cost, in minor units.' }),
};

/** Without an instant of its own: the same sales are the same report, and have the same ETag. */
export const salesView = z
  .strictObject({
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
    statuses: z
      .strictObject(Object.fromEntries(orderStatuses.map((status) => [status, count])) as Statuses)
      .meta({ description: 'Orders by what became of them.' }),
    currencies: z
      .array(z.strictObject({ currency: z.string(), ...sums }))
      .meta({ description: 'By currency, in its order.' }),
    items: z
      .array(z.strictObject({ itemId: z.string(), currency: z.string(), ...sums }))
      .max(maxReportItems)
      .meta({ description: 'By item and currency, the most pieces first.' }),
    itemsLeftOut: count.meta({ description: `Items beyond the first ${maxReportItems}.` }),
    truncated: z.boolean().meta({
      description:
        'There are more orders than are counted: every number is a lower bound. Which orders are counted says nothing about them.',
    }),
  })
  .meta({ id: 'SalesReport' });

type Statuses = Record<(typeof orderStatuses)[number], typeof count>;

export type SalesView = z.infer<typeof salesView>;

/** UTC days, `2026-03-01`, both included. Absent: no end on that side. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface Sums {
  orders: number;
  units: number;
  totalMinor: number;
}

export type SoldOrder = Pick<Order, 'status' | 'lines' | 'totalMinor' | 'currency' | 'createdAt'>;

export interface Sales {
  /** @throws RangeError where a sum is no longer exact: a wrong amount is worse than none. */
  add(order: SoldOrder): void;
  view(truncated: boolean): SalesView;
}

export function sales({ from, to }: Days): Sales {
  const statuses = Object.fromEntries(orderStatuses.map((status) => [status, 0])) as Record<
    Order['status'],
    number
  >;
  const currencies = new Map<string, Sums>();
  /** By currency, then by item. */
  const items = new Map<string, Map<string, Sums>>();

  return {
    add({ status, lines, totalMinor, currency, createdAt }) {
      const day = createdAt.slice(0, 10);
      if ((from !== undefined && day < from) || (to !== undefined && day > to)) return;
      statuses[status] += 1;
      if (status !== 'confirmed') return;
      const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      addTo(sumsOf(currencies, currency), { units, totalMinor });
      const ofCurrency = items.get(currency) ?? new Map<string, Sums>();
      items.set(currency, ofCurrency);
      for (const { itemId, quantity, priceMinor } of lines)
        addTo(sumsOf(ofCurrency, itemId), { units: quantity, totalMinor: quantity * priceMinor });
    },
    view(truncated) {
      const sold = [...items]
        .flatMap(([currency, of]) =>
          [...of].map(([itemId, itemSums]) => ({ itemId, currency, ...itemSums })),
        )
        .sort(
          (a, b) =>
            b.units - a.units || byText(a.currency, b.currency) || byText(a.itemId, b.itemId),
        );
      return {
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        statuses: { ...statuses },
        currencies: [...currencies]
          .map(([currency, of]) => ({ currency, ...of }))
          .sort((a, b) => byText(a.currency, b.currency)),
        items: sold.slice(0, maxReportItems),
        itemsLeftOut: Math.max(0, sold.length - maxReportItems),
        truncated,
      };
    },
  };
}

function sumsOf(of: Map<string, Sums>, key: string): Sums {
  const known = of.get(key) ?? { orders: 0, units: 0, totalMinor: 0 };
  of.set(key, known);
  return known;
}

/** An item stands in one line of an order, so a line is an order of it. */
function addTo(of: Sums, { units, totalMinor }: Omit<Sums, 'orders'>): void {
  of.orders += 1;
  of.units += units;
  of.totalMinor += totalMinor;
  if (of.totalMinor > maxBalanceMinor)
    throw new RangeError(
      `a sum of sales is beyond ${maxBalanceMinor}, where numbers are not exact`,
    );
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
