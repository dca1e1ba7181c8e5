/** GET /dlq/{queue}/replays/{id} */
import { Problem } from '#shared/http/problem.ts';
import { readReplay, replayAddress } from '#shared/parking/replay.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { queueOfSlug, toReplayView } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-dead-letter-replay', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ input }) => {
  const at = replayAddress('parked', queueOfSlug(input.path.queue), input.path.id);
  const replay = readReplay(await store.read(at), Date.now());
  if (!replay) throw new Problem('not-found');
  return { status: 200, body: toReplayView(replay) };
});
