/** A call that passes four limits: the service's own way in, beside a union of four limiters. */
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { RateLimiterDynamo, RateLimiterUnion } from 'rate-limiter-flexible';
import { routeLimits } from '#functions/limits.ts';
import { routes } from '#functions/tables/routes.ts';
import type { Asked } from '#shared/http/exchange.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { type Metered, metered } from '../price/meter.ts';
import { ourTables, theirTables } from '../price/on-engine.ts';
import { round } from '../report.ts';
import { limit } from './contender.ts';

const users = 10;
const callsEach = 40;

type Pass = (user: string) => Promise<unknown>;

function oursOf(client: DynamoDB): Pass {
  const store = dynamoStore({ tables: ourTables, clients: { once: client, again: client } });
  const limits = routeLimits({
    store,
    row: routes['create-order'],
    subject: 'create-order',
    signals: { listen() {}, record() {} },
    timeoutMs: 10_000,
  });
  if (!limits) throw new Error('orders are not limited');
  const arrival: Asked['arrival'] = {
    route: 'create-order',
    requestId: 'bench',
    trace: newTrace(),
    method: 'POST',
    path: '/orders',
    headers: {},
    query: {},
    sourceIp: '192.0.2.1',
  };
  return async (user) => {
    const { refused } = await limits.admit({
      arrival,
      caller: { tenant: 'acme', user, role: 'user' },
    });
    if (refused) throw new Error(`refused by ${refused.violated.join()}`);
  };
}

function theirsOf(client: DynamoDB): Pass {
  const layer = (keyPrefix: string, points: number) =>
    new RateLimiterDynamo({
      storeClient: client,
      tableName: theirTables.limits,
      tableCreated: true,
      ttlSet: true,
      keyPrefix,
      points,
      duration: limit.seconds,
    });
  const user = layer('u', limit.tokens);
  // One key for all of a union, so the wider layers are three more of the user's.
  const all = new RateLimiterUnion(user, ...['ip', 't', 'g'].map((name) => layer(name, 10_000)));
  return (key) => all.consume(key);
}

interface Layered {
  readonly calls: number;
  readonly writeUnits: number;
}

/** Every `everyMs` a call, or as fast as they go. */
async function steady(pass: Pass, everyMs: number): Promise<Layered> {
  const samples: Metered<unknown>[] = [];
  const run = `${everyMs}`;
  for (let nth = 0; nth < users * callsEach; nth++) {
    const nextMs = performance.now() + everyMs;
    const sample = await metered(() => pass(`user-${run}-${nth % users}`));
    if (sample.error) throw sample.error;
    samples.push(sample);
    const leftMs = nextMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  }
  const mean = (of: (sample: Metered<unknown>) => number) =>
    round(samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length);
  return {
    calls: mean(({ price }) => price.calls.length),
    writeUnits: mean(({ price }) => price.writeUnits),
  };
}

/** Where one environment is kept busy, and where twenty calls a second come to it. */
export const paces = { 'as fast as it goes': 0, '20 a second': 50 } as const;

export async function layered(newClient: () => DynamoDB, everyMs: number) {
  return {
    ours: { ...(await steady(oursOf(newClient()), everyMs)) },
    flexible: { ...(await steady(theirsOf(newClient()), everyMs)) },
  };
}
