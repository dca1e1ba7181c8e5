/** POST /outbox/replays */
import { Problem } from '#shared/http/problem.ts';
import {
  eventReplayAddress,
  eventReplayWrite,
  readEventReplay,
} from '#shared/outbox/event-replay.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { toEventReplayView } from '../domain/event-replay-view.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { keyTaken, newReplay } from './replay-outbox.ts';

const environment = readEnv('replay-outbox', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  async decide({ caller, input, trace, requestId: correlationId }, { look }, { id }) {
    const nowMs = Date.now();
    const standing = await look(eventReplayAddress('parked', id));
    if (readEventReplay(standing, nowMs)) return { refused: keyTaken() };
    const replay = newReplay(input.body, { id, requestedBy: caller.user, nowMs });
    if (replay instanceof Problem) return { refused: replay };
    const requested = {
      type: 'events.replay-requested',
      tenant: caller.tenant,
      aggregate: `event-replay/${id}`,
      seq: 1,
      data: { replayId: id, step: 1 },
    } as const;
    return {
      answer: toEventReplayView(replay),
      writes: [
        { ...eventReplayWrite('parked', replay), when: { lapsedAtMs: nowMs } },
        publish(requested, { trace, correlationId }),
      ],
    };
  },
  headers: ({ id }) => ({ location: `replays/${id}` }),
});
