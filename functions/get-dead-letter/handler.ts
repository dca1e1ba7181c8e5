/** GET /dlq/{queue}/{id} */
import { Problem } from '#shared/http/problem.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { queueOfSlug, toWholeLetterView } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-dead-letter', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ input }) => {
  const queue = queueOfSlug(input.path.queue);
  const named = { table: 'parked', queue, id: input.path.id, nowMs: Date.now() };
  const letter = await letterNamed(store, named);
  if (!letter) throw new Problem('not-found');
  return { status: 200, body: toWholeLetterView(letter) };
});
