/**
 * What exactly once costs: calls and units of an idempotent create, ours and a stock stack's, in one
 * run on one engine, in blocks in turn. Units are what DynamoDB reports; what it bills for failed
 * calls it does not report, and comes by formula (test/bench/price/meter.ts).
 */
import { type Metered, metered } from './price/meter.ts';
import { onEngine, ourTables, theirTables } from './price/on-engine.ts';
import {
  limit,
  type NewOrder,
  type Order,
  RefusedError,
  type Stack,
  tooMany,
} from './price/order.ts';
import { lonePut, type Mode, ourStack } from './price/our-stack.ts';
import { stockStack } from './price/stock-stack.ts';
import { print, round, spreadOf } from './report.ts';

const perCell = 200;
const perBlock = 25;

let serial = 0;
const next = (): number => ++serial;

const requestOf = (user: string, quantity = 2): NewOrder => ({
  tenant: 'acme',
  user,
  key: `key-${next()}`,
  body: {
    lines: [
      { itemId: 'book', quantity },
      { itemId: 'lamp', quantity: 1 },
    ],
    address: '1 Harbour Road, Bristol',
  },
});

/** A user whose limit is in use, and known to this environment. */
async function activeUser(stack: Stack): Promise<string> {
  const user = `user-${next()}`;
  await stack.useUp(user, limit.points / 5);
  await stack.placeOrder(requestOf(user));
  return user;
}

/** Prepares one call, which alone is counted. */
type Case = (stack: Stack) => Promise<NewOrder>;

const cases = {
  'first call': async (stack) => requestOf(await activeUser(stack)),
  'first call, user active elsewhere': async (stack) => {
    const request = requestOf(`user-${next()}`);
    await stack.useUp(request.user, limit.points / 5);
    return request;
  },
  duplicate: async (stack) => {
    const request = requestOf(await activeUser(stack));
    await stack.placeOrder(request);
    return request;
  },
  'refused by the use case': async (stack) => requestOf(await activeUser(stack), tooMany + 1),
  'refused by the limit': async (stack) => {
    const request = requestOf(`user-${next()}`);
    await stack.useUp(request.user, limit.points + 1);
    return request;
  },
  'refused by the limit again': async (stack) => {
    const request = requestOf(`user-${next()}`);
    await stack.useUp(request.user, limit.points + 1);
    await stack.placeOrder(request).catch(onlyRefused);
    return request;
  },
} as const satisfies Record<string, Case>;

function onlyRefused(error: unknown): undefined {
  if (!(error instanceof RefusedError)) throw error;
  return undefined;
}

type Cells = Readonly<Record<string, Readonly<Record<string, readonly Metered<Order>[]>>>>;

async function measure(stacks: Readonly<Record<string, Stack>>): Promise<Cells> {
  const cells: Record<string, Record<string, Metered<Order>[]>> = {};
  for (const [name, prepare] of Object.entries<Case>(cases)) {
    const row: Record<string, Metered<Order>[]> = {};
    cells[name] = row;
    for (const which of Object.keys(stacks)) row[which] = [];
    for (let done = 0; done < perCell; done += perBlock)
      for (const [which, stack] of Object.entries(stacks)) {
        for (let nth = 0; nth < perBlock; nth++) {
          const request = await prepare(stack);
          const sample = await metered(() => stack.placeOrder(request));
          onlyRefused(sample.error ?? new RefusedError());
          row[which]?.push(sample);
        }
      }
    console.error(`${name}: done`);
  }
  return cells;
}

function mean(samples: readonly Metered<Order>[], of: (sample: Metered<Order>) => number): number {
  return round(samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length);
}

/** So many milliseconds for all but one call in a hundred. */
const p99 = (samples: readonly Metered<Order>[]): number => {
  const times = samples.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return times[Math.floor(0.99 * (times.length - 1))] ?? 0;
};

const figuresOf = (samples: readonly Metered<Order>[], stock: readonly Metered<Order>[]) => ({
  calls: mean(samples, ({ price }) => price.calls.length),
  writeUnits: mean(samples, ({ price }) => price.writeUnits),
  byFormula: mean(samples, ({ price }) => price.byFormula),
  readUnits: mean(samples, ({ price }) => price.readUnits),
  p50Ratio: round(
    spreadOf(samples.map(({ ms }) => ms)).p50 / spreadOf(stock.map(({ ms }) => ms)).p50,
  ),
  p99Ratio: round(p99(samples) / p99(stock)),
});

function report(cells: Cells): void {
  const rows: Record<string, ReturnType<typeof figuresOf>> = {};
  const flat: Record<'ours' | 'stock', Record<string, number>> = { ours: {}, stock: {} };
  for (const [name, row] of Object.entries(cells))
    for (const [which, samples] of Object.entries(row)) {
      const figures = figuresOf(samples, row['stock'] ?? []);
      rows[`${name} · ${which}`] = figures;
      for (const [figure, value] of Object.entries(figures))
        flat[which === 'stock' ? 'stock' : 'ours'][`${name} · ${which} · ${figure}`] = value;
    }
  print({ bench: 'idempotency', metrics: flat.ours, against: flat.stock }, rows);
}

await onEngine(async (newClient) => {
  const ours = (mode: Mode) => ourStack(newClient(), ourTables, mode);
  report(
    await measure({
      stock: stockStack(newClient(), { ...ourTables, ...theirTables }),
      deferred: ours({ compact: false, peek: false }),
      'deferred, peek': ours({ compact: false, peek: true }),
      compact: ours({ compact: true, peek: false }),
      'compact, peek': ours({ compact: true, peek: true }),
      'lone put': lonePut(newClient(), ourTables),
    }),
  );
});
