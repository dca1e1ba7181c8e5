/** GET /dlq */
import { summarizeQueue } from '#shared/parking/letters.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readEnv } from '../env.ts';
import { letterQueueSlug, letterQueues } from '../tables/letters.ts';
import { contract } from './contract.ts';

const environment = readEnv('summarize-dead-letters', process.env);
const store = dynamoStore({ tables: environment.tables });

/** Letters read of each queue. */
const mostRead = 2_000;

export const handler = api(environment, contract, async () => {
  const queues = await Promise.all(
    letterQueues.map(async (queue) => {
      const query = { store, table: 'parked', queue, mostRead, nowMs: Date.now() };
      const { causes, truncated } = await summarizeQueue(query);
      return {
        queue: letterQueueSlug(queue),
        causes: causes.map(({ oldestParkedAtMs, ...cause }) => ({
          ...cause,
          oldestParkedAt: new Date(oldestParkedAtMs).toISOString(),
        })),
        truncated,
      };
    }),
  );
  return { status: 200, body: { queues } };
});
