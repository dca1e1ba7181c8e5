/**
 * Fifty callers of one bucket, each with a limiter of its own, over the engine. Every answer says what
 * number its write left, so the order of the writes is known, and the exact bucket is fed with it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions } from '#shared/aws/client-options.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';
import { type LossyProxy, lossyProxy } from '../e2e/support/lossy-proxy.ts';
import { mulberry32 } from '../protocol/scheduler/choices.ts';
import { createTables } from '../support/tables.ts';

const prefix = `hammer-${crypto.randomUUID()}`;
const tables = { state: `${prefix}-state` };
const refillEveryMs = 200;

interface Admission {
  readonly cost: number;
  readonly atMs: number;
  /** The bucket's number after it. */
  readonly fullAtMs: number;
}

interface Heard {
  readonly admissions: Admission[];
  /** The numbers that refusals went by. */
  readonly refusals: number[];
  /** Costs of takes that nobody knows the end of. */
  readonly unknown: number[];
}

interface Hammering {
  readonly key: string;
  readonly capacity: number;
  readonly callers?: number;
  readonly takes: number;
  readonly seed: number;
  readonly storeOf: (caller: number) => DynamoStore;
}

async function hammer({
  key,
  capacity,
  callers = 50,
  takes,
  seed,
  storeOf,
}: Hammering): Promise<Heard> {
  const heard: Heard = { admissions: [], refusals: [], unknown: [] };
  async function call(caller: number): Promise<void> {
    const random = mulberry32(seed + caller);
    let askedMs = 0;
    const now = () => {
      askedMs = Date.now();
      return askedMs;
    };
    const { take } = tokenBucket({ store: storeOf(caller), capacity, refillEveryMs, now });
    for (let taken = 0; taken < takes; taken++) {
      const cost = 1 + Math.floor(3 * random());
      try {
        const answer = await take(key, { cost });
        if (answer.allowed)
          heard.admissions.push({
            cost,
            atMs: answer.takenAtMs,
            fullAtMs: answer.takenAtMs + answer.fullInMs,
          });
        else heard.refusals.push(askedMs + answer.retryAfterMs + (capacity - cost) * refillEveryMs);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        heard.unknown.push(cost);
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  heard.admissions.sort((a, b) => a.fullAtMs - b.fullAtMs);
  return heard;
}

/** Tokens that were let in beyond what was there and came back, in the worst of all windows. */
function mostOver(admissions: readonly Admission[], capacity: number): number {
  let most = -Infinity;
  for (const [from, first] of admissions.entries()) {
    let sum = 0;
    for (const last of admissions.slice(from)) {
      sum += last.cost;
      const windowMs = Math.max(0, last.atMs - first.atMs);
      most = Math.max(most, sum - capacity - windowMs / refillEveryMs);
    }
  }
  return most;
}

/** Tokens that the numbers grew by, and nobody heard of. */
function unaccounted(admissions: readonly Admission[]): number {
  let fullAtMs = 0;
  let missingMs = 0;
  for (const each of admissions) {
    const exactMs = Math.max(fullAtMs, each.atMs) + each.cost * refillEveryMs;
    missingMs += each.fullAtMs - exactMs;
    fullAtMs = each.fullAtMs;
  }
  return missingMs / refillEveryMs;
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

describe('a token bucket that fifty callers hammer', () => {
  // Patient: how fast the engine answers is not asked here.
  const patient = new DynamoDBClient(clientOptions({ maxAttempts: 1, requestTimeoutMs: 15_000 }));
  const direct = dynamoStore({ tables, clients: { once: patient, again: patient } });
  let proxy: LossyProxy;
  let lossy: DynamoStore;

  beforeAll(async () => {
    await createTables(dynamoClients().once, prefix);
    proxy = await lossyProxy({
      engine: process.env['AWS_ENDPOINT_URL'] ?? '',
      operations: ['UpdateItem'],
      lostRatio: 0.25,
      random: mulberry32(7),
    });
    const client = new DynamoDBClient({
      ...clientOptions({ maxAttempts: 1, requestTimeoutMs: 15_000 }),
      endpoint: proxy.endpoint,
    });
    lossy = dynamoStore({ tables, clients: { once: client, again: client } });
  });
  afterAll(() => proxy.stop());

  function holds({ admissions, unknown }: Heard, capacity: number): void {
    expect(admissions.length).toBeGreaterThan(0);
    expect(mostOver(admissions, capacity)).toBeLessThanOrEqual(0);
    // Nor together with what calls without an answer took.
    const fullest = Math.max(...admissions.map(({ atMs, fullAtMs }) => fullAtMs - atMs));
    expect(fullest).toBeLessThanOrEqual(capacity * refillEveryMs);
    // Nothing is lost but what calls without an answer may have taken.
    expect(unaccounted(admissions)).toBeGreaterThanOrEqual(0);
    expect(unaccounted(admissions)).toBeLessThanOrEqual(sum(unknown));
  }

  it('lets in what it holds on one key, and refuses by numbers that it had', async () => {
    const capacity = 400;
    const heard = await hammer({ key: 'one', capacity, takes: 16, seed: 1, storeOf: () => direct });
    holds(heard, capacity);
    expect(heard.unknown).toEqual([]);
    const had = new Set(heard.admissions.map(({ fullAtMs }) => fullAtMs));
    expect(heard.refusals.filter((number) => !had.has(number))).toEqual([]);
  });

  it('keeps many keys apart', async () => {
    const capacity = 40;
    const keys = Array.from({ length: 12 }, (_, nth) => `many-${nth}`);
    const all = await Promise.all(
      keys.map((key, nth) =>
        hammer({ key, capacity, callers: 5, takes: 8, seed: 1_000 * nth, storeOf: () => direct }),
      ),
    );
    for (const heard of all) holds(heard, capacity);
  });

  it('lets in no more when every fifth caller loses answers', async () => {
    const capacity = 200;
    const storeOf = (caller: number) => (caller % 5 === 0 ? lossy : direct);
    const heard = await hammer({ key: 'lossy', capacity, takes: 10, seed: 99, storeOf });
    expect(heard.unknown.length).toBeGreaterThan(0);
    holds(heard, capacity);
  });
});
