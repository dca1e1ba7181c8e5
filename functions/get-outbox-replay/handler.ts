/** GET /outbox/replays/{id} */
import { Problem } from '#shared/http/problem.ts';
import { eventReplayAddress, readEventReplay } from '#shared/outbox/event-replay.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { toEventReplayView } from '../domain/event-replay-view.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-outbox-replay', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ input }) => {
  const at = eventReplayAddress('parked', input.path.id);
  const replay = readEventReplay(await store.read(at), Date.now());
  if (!replay) throw new Problem('not-found');
  return { status: 200, body: toEventReplayView(replay) };
});
