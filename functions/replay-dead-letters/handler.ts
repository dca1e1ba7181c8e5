/** POST /dlq/{queue}/replays */
import type { Call } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import { planReplay, type ReplayPlan } from '#shared/parking/plan-replay.ts';
import { nothingYet, type Replay, replayWrite, type Wanted } from '#shared/parking/replay.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { InputOf } from '../contract.ts';
import { queueOfSlug, toReplayView } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { type LetterQueue, letterQueueSlug, tooOldToReplayMs } from '../tables/letters.ts';
import { retention } from '../tables/retention.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { faultOfEdit } from './edit.ts';

const environment = readEnv('replay-dead-letters', process.env);
const store = dynamoStore({ tables: environment.tables });
const table = 'parked';

/** Letters counted by a dry run. */
const mostRead = 2_000;

type Input = InputOf<typeof contract>;

export const handler = writeRoute(environment, contract, {
  store,
  async decide(call, _, { id }) {
    const { caller, input, trace, requestId: correlationId } = call;
    const { body } = input;
    const queue = queueOfSlug(input.path.queue);
    const wanted = wantedOf(input.body);
    const nowMs = Date.now();
    const planned =
      body.dryRun || 'ids' in wanted
        ? await planReplay({
            ...{ store, table, queue, wanted, mostRead, nowMs },
            ...{ replayId: id, tooOldMs: tooOldToReplayMs },
          })
        : undefined;
    const refused = (await refusalOfEdit(call, queue, nowMs)) ?? refusalOf(wanted, planned);
    if (refused) return { refused };

    const replay: Replay = {
      queue,
      id,
      version: 1,
      state: body.dryRun ? 'planned' : 'running',
      wanted,
      ...(body.edit && { edit: body.edit }),
      ratePerSecond: body.ratePerSecond,
      requestedBy: caller.user,
      requestedAtMs: nowMs,
      step: 1,
      progress: (body.dryRun && planned?.progress) || nothingYet,
      ...(body.dryRun && { truncated: planned?.truncated ?? false }),
      expiresAtMs: nowMs + retention.parkedMs,
    };
    const requested = {
      type: 'letters.replay-requested',
      tenant: caller.tenant,
      aggregate: `replay/${id}`,
      seq: 1,
      data: { queue, replayId: id, step: 1 },
    } as const;
    return {
      answer: toReplayView(replay),
      writes: [
        { ...replayWrite(table, replay), when: { absent: true } },
        ...(body.dryRun ? [] : [publish(requested, { trace, correlationId })]),
      ],
    };
  },
  headers: ({ queue, id }) => ({ location: `dlq/${letterQueueSlug(queue)}/replays/${id}` }),
});

/** @throws TypeError for what the contract would not have let in. */
function wantedOf({ ids, filter }: Input['body']): Wanted {
  if (ids) return { ids: [...new Set(ids)] };
  if (!filter) throw new TypeError('a replay is of letters by name or by filter');
  const { from, to, ...by } = filter;
  return {
    filter: {
      ...by,
      ...(from !== undefined && { fromMs: Date.parse(from) }),
      ...(to !== undefined && { toMs: Date.parse(to) }),
    },
  };
}

/** Letters that were named are replayed all, or none: whoever names them expects each. */
function refusalOf(wanted: Wanted, planned: ReplayPlan | undefined): Problem | undefined {
  if (!('ids' in wanted) || !planned) return undefined;
  const errors = planned.letters.flatMap((letter, index) =>
    letter.how === 'replayed' ? [] : [{ pointer: `/ids/${index}`, detail: letter.because }],
  );
  if (errors.length === 0) return undefined;
  return new Problem('letters-not-replayable', { extensions: { errors } });
}

async function refusalOfEdit(
  { input: { body } }: Call<Input>,
  queue: LetterQueue,
  nowMs: number,
): Promise<Problem | undefined> {
  if (!body.edit) return undefined;
  const letter = await letterNamed(store, { table, queue, id: body.edit.id, nowMs });
  const detail = letter && faultOfEdit(letter, body.edit.body, nowMs);
  if (!detail) return undefined;
  const errors = [{ pointer: '/edit/body', detail }];
  return new Problem('letter-edit-invalid', { extensions: { errors } });
}
