/** POST /dlq/{queue}/replays */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { queueOfSlug } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { requestReplay } from './replay-dead-letters.ts';

const environment = readEnv('replay-dead-letters', process.env);
const store = dynamoStore({ tables: environment.tables });

/** For a read that is begun, the commit, and the answer. */
const lastReadMs = 3_000;

export const handler = writeRoute(environment, contract, {
  store,
  decide: ({ caller, input, trace, requestId: correlationId, deadline }, reader, { id }) =>
    requestReplay(input.body, {
      ...{ reader, store, caller, id, trace, correlationId },
      queue: queueOfSlug(input.path.queue),
      hasTime: () => deadline.remainingMs() > lastReadMs,
      nowMs: Date.now(),
    }),
  headers: ({ id }) => ({ location: `replays/${id}` }),
});
