/** GET /polls/{id} */
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';
import { viewPoll } from './get-poll.ts';

const environment = readEnv('get-poll', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller, input }) => {
  const poll = await viewPoll(store, caller, input.path.id);
  if (!poll) throw new Problem('not-found');
  return { status: 200, body: poll };
});
