/** One limit by two makers, behind what the benchmark asks of it. */
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { RateLimiterDynamo, RateLimiterRes } from 'rate-limiter-flexible';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { ourTables, theirTables } from '../price/on-engine.ts';

/** So many at once, and as many again in `seconds`. */
export const limit = { tokens: 100, seconds: 60 } as const;

export interface Allowance {
  readonly tokens: number;
  readonly seconds: number;
}

/** Whether the call may go on. A fault throws. */
export type Ask = (key: string, cost?: number) => Promise<boolean>;

export interface Contender {
  /** One limiter, with a memory of its own: what an execution environment has. */
  readonly environment: (allowance?: Allowance) => Ask;
}

export const ours = (client: DynamoDB): Contender => ({
  environment({ tokens, seconds } = limit) {
    const store = dynamoStore({ tables: ourTables, clients: { once: client, again: client } });
    const bucket = tokenBucket({
      store,
      capacity: tokens,
      refillEveryMs: (seconds * 1_000) / tokens,
    });
    return async (key, cost = 1) => (await bucket.take(key, { cost })).allowed;
  },
});

export const flexible = (client: DynamoDB): Contender => ({
  environment({ tokens, seconds } = limit) {
    const limiter = new RateLimiterDynamo({
      storeClient: client,
      tableName: theirTables.limits,
      tableCreated: true,
      ttlSet: true,
      points: tokens,
      duration: seconds,
      // Its own way to refuse from memory what it has refused before.
      inMemoryBlockOnConsumed: tokens,
    });
    return (key, cost = 1) => limiter.consume(key, cost).then(() => true, onlyRefusals);
  },
});

export function onlyRefusals(thrown: unknown): false {
  if (!(thrown instanceof RateLimiterRes)) throw thrown;
  return false;
}
