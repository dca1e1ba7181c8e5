/**
 * What exactly once costs: calls and units of an idempotent create, ours and a stock stack's, in one
 * run on one engine, in blocks in turn. Units are what DynamoDB reports; what it bills for failed
 * calls it does not report, and comes by formula (test/bench/price/meter.ts).
 */
import { CreateTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import { startEngine } from '#local/engines/engines.ts';
import { clientOptions } from '#shared/aws/client-options.ts';
import { createTables } from '../support/tables.ts';
import { counted, type Metered, metered } from './price/meter.ts';
import {
  limit,
  type NewOrder,
  type Order,
  RefusedError,
  type Stack,
  tooMany,
} from './price/order.ts';
import { lonePut, ourStack } from './price/our-stack.ts';
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

const engine = await startEngine('ministack');
try {
  process.env['AWS_ENDPOINT_URL'] = engine.endpoint;
  process.env['AWS_REGION'] = engine.region;
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

  const client = () =>
    counted(new DynamoDB(clientOptions({ maxAttempts: 1, requestTimeoutMs: 10_000 })));
  const admin = client();
  await createTables(admin, 'price');
  const ofStock = { idempotency: 'id', limits: 'key' } as const;
  for (const [role, key] of Object.entries(ofStock))
    await admin.send(
      new CreateTableCommand({
        TableName: `price-${role}`,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      }),
    );
  const ours = { domain: 'price-domain', outbox: 'price-outbox', state: 'price-state' };
  const stacks: Readonly<Record<string, Stack>> = {
    stock: stockStack(client(), {
      ...ours,
      idempotency: 'price-idempotency',
      limits: 'price-limits',
    }),
    deferred: ourStack(client(), ours, { compact: false, peek: false }),
    'deferred, peek': ourStack(client(), ours, { compact: false, peek: true }),
    compact: ourStack(client(), ours, { compact: true, peek: false }),
    'compact, peek': ourStack(client(), ours, { compact: true, peek: true }),
    'lone put': lonePut(client(), ours),
  };
  report(await measure(stacks));
} finally {
  await engine.stop();
}
