/** 10,000 jobs for a hundred places, over the engine's tables, and nothing that goes wrong leaks one. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, it } from 'vitest';
import { relayBound } from '#functions/tables/relay.ts';
import { tables } from '#functions/tables/tables.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { flood } from '../support/relay/flood.ts';
import { seededRandom } from '../support/relay/seeded-random.ts';
import { createTables } from '../support/tables.ts';

const prefix = `flood-${crypto.randomUUID()}`;
/** What a busy engine answers late is no fault of the queue. */
const client = new DynamoDBClient(clientOptions({ ...patience, maxAttempts: 1 }));
const store = dynamoStore({
  clients: { once: client, again: client },
  tables: Object.fromEntries(Object.keys(tables).map((role) => [role, `${prefix}-${role}`])),
});

beforeAll(() => createTables(client, prefix));

const attempts = 10_000;

it('the relay never exceeds its bound or a share in 10,000 attempts, 64 at once, and leaks no slot', {
  // A minute, where nobody else wants the machine.
  timeout: 600_000,
}, async () => {
  const ended = await flood({
    store,
    attempts,
    inFlight: 64,
    workers: 3,
    random: seededRandom(Number(process.env['HOLDFAST_SEED'] ?? 1)),
    badRatio: 0.05,
    // Many a job waits longer for a worker, so that the two are often at the same one.
    overdueMs: 5_000,
    reconcileEveryMs: 1_000,
    targetMs: 600,
  });
  expect(ended.violations).toEqual([]);
  expect(ended.accepted + ended.refused + ended.unknown).toBe(attempts);
  // It was full, and not only once.
  expect(ended.accepted).toBeGreaterThan(relayBound);
  expect(ended.refused).toBeGreaterThan(ended.accepted);
  expect(ended.mostAtOnce).toBeLessThanOrEqual(relayBound);
});
