/** GET /dlq/{queue} */
import * as z from 'zod';
import { pageOfLetters } from '#shared/parking/letters.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { Item } from '#shared/state/items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { api, type Respond } from '../api.ts';
import { queueOfSlug, toLetterView } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { keyrings } from '../keyrings.ts';
import { listCursors } from '../list-cursors.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';

const environment = readEnv('list-dead-letters', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);
const { listen } = signals.scope({ trace: newTrace() });
const keys = keyrings({ secretIds: environment.secretIds, listen });

/** Letters read for one page, whether they fit or not. */
const mostRead = 1_000;

/** For a read that is begun, and the answer. */
const lastReadMs = 2_500;

const position = z.strictObject({ pk: z.string(), sk: z.string(), causeSk: z.string() });
const cursors = listCursors<Item>(keys['list-cursors'], position);

const respond: Respond<typeof contract> = async ({ input, deadline }) => {
  const { cursor, limit, state, from, to, ...by } = input.query;
  const queue = queueOfSlug(input.path.queue);
  const scope = ['list-dead-letters', queue, JSON.stringify([by, from, to, state])];
  const after = await cursors.open(cursor, scope);
  const { letters, next } = await pageOfLetters({
    store,
    table: 'parked',
    queue,
    filter: { ...by, states: [state], fromMs: instant(from), toMs: instant(to) },
    limit,
    mostRead,
    after,
    hasTime: () => deadline.remainingMs() > lastReadMs,
    nowMs: Date.now(),
  });
  const sealed = next && (await cursors.seal(next, scope));
  return {
    status: 200,
    body: { letters: letters.map(toLetterView), ...(sealed && { next: sealed }) },
  };
};

export const handler = api(environment, contract, respond, { signals, keys });

const instant = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);
