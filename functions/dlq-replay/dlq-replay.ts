/**
 * One step of a replay: a page of letters back into their queues, and a message to oneself for the
 * next step. Pages are as long as their letters take at the replay's rate, and the next step's
 * message is held back for as long, so that the rate holds from step to step.
 */
import { createHash } from 'node:crypto';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { toMessage } from '#shared/outbox/message.ts';
import { pageOfLetters } from '#shared/parking/letters.ts';
import { openStates } from '#shared/parking/plan-replay.ts';
import {
  afterLetters,
  lettersOfStep,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
  secondsOfStep,
} from '#shared/parking/replay.ts';
import { replayLetters } from '#shared/parking/replay-letters.ts';
import type { QueueMessage, QueueSender } from '#shared/queue/queue.ts';
import type { Item } from '#shared/state/items.ts';
import type { ItemReader, ItemWriter, RangeReader } from '#shared/state/store.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { tooOldToReplayMs } from '../tables/letters.ts';
import { outgoing } from './outgoing.ts';

export type StepEvent = EventOf<'letters.replay-requested'>;

/** Where the step before has sent for this one and has not yet committed. */
class StepNotDueError extends Error {
  override name = 'StepNotDueError';
}

export interface ReplayStepOptions {
  readonly reader: UnitReader;
  readonly store: ItemReader & ItemWriter & RangeReader;
  readonly queues: QueueSender;
  readonly tracing: boolean;
  readonly now?: () => number;
}

const table = 'parked';

/** Letters looked at for one step. */
const mostRead = 500;

/** @throws PermanentFault for a replay that is not there */
export async function replayStep(
  event: StepEvent,
  { reader, store, queues, tracing, now = Date.now }: ReplayStepOptions,
): Promise<Decision<Done, never>> {
  const { queue, replayId, step } = event.data;
  const replay = readReplay(await reader.read(replayAddress(table, queue, replayId)), now());
  if (!replay) throw new PermanentFault('replay-missing');
  if (replay.state !== 'running' || replay.step > step)
    return { answer: { outcome: 'done' }, writes: [] };
  if (replay.step < step) throw new StepNotDueError(`step ${replay.step} is not done yet`);

  const { ids, next } = await lettersOf(replay, store, now());
  const letters = await replayLetters({
    store,
    queues,
    table,
    replayId,
    ratePerSecond: replay.ratePerSecond,
    tooOldMs: tooOldToReplayMs,
    outgoing: outgoing(replay, { tracing }),
    now,
  })(replay.queue, ids);

  const delaySeconds = secondsOfStep(letters.length, replay.ratePerSecond);
  if (next)
    await sendOrThrow(queues, {
      ...toMessage(following(event, replay), { tracing }),
      delaySeconds,
    });
  const { position: _, ...rest } = replay;
  const after: Replay = {
    ...rest,
    version: replay.version + 1,
    step: step + 1,
    progress: afterLetters(replay.progress, letters),
    ...(next?.after && { position: next.after }),
    ...(next ? {} : { state: 'done', finishedAtMs: now() }),
  };
  // The reader has read it, so the commit holds only for the version that was read.
  return { answer: { outcome: 'done' }, writes: [replayWrite(table, after)] };
}

interface Step {
  readonly ids: readonly string[];
  /** Absent on the last one. */
  readonly next?: { readonly after?: Item };
}

/** Of those that were parked when the replay was asked for: what it parks itself is not for it. */
async function lettersOf(
  { id, queue, wanted, ratePerSecond, requestedAtMs, step, position }: Replay,
  store: RangeReader,
  nowMs: number,
): Promise<Step> {
  const limit = lettersOfStep(ratePerSecond);
  if ('ids' in wanted) {
    const ids = wanted.ids.slice((step - 1) * limit, step * limit);
    return wanted.ids.length > step * limit ? { ids, next: {} } : { ids };
  }
  const { filter } = wanted;
  const { letters, next } = await pageOfLetters({
    store,
    table,
    queue,
    filter: {
      ...filter,
      toMs: Math.min(filter.toMs ?? Number.POSITIVE_INFINITY, requestedAtMs + 1),
      states: openStates,
      orTakenBy: id,
    },
    limit,
    mostRead,
    after: position,
    nowMs,
  });
  const ids = letters.map((letter) => letter.id);
  return next ? { ids, next: { after: next } } : { ids };
}

/** The event of the next step, the same however often it is made. */
function following(event: StepEvent, { id, requestedAtMs }: Replay) {
  const step = event.data.step + 1;
  const hash = createHash('sha256').update(`${id}#${step}`).digest();
  const made = { now: () => requestedAtMs, bytes: (count: number) => hash.subarray(0, count) };
  return { ...event, id: uuidV7(made), seq: step, data: { ...event.data, step } };
}

async function sendOrThrow(queues: QueueSender, message: QueueMessage): Promise<void> {
  const [sent] = await queues.send('dlq:replay', [message]);
  if (!sent?.sent) throw new Error(`the next step was not sent: ${sent?.code ?? 'unanswered'}`);
}
