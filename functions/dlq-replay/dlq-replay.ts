import type { Decision } from '#shared/idempotency/decision.ts';
import { type LetterQuery, pageOfLetters } from '#shared/parking/letters.ts';
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
import type { Item } from '#shared/state/items.ts';
import type { ItemReader, ItemWriter, RangeReader } from '#shared/state/store.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { tooOldToReplayMs } from '../tables/letters.ts';
import { isDue, type StepOptions, sendingMs, sendNextStep, table } from './next-step.ts';
import { outgoing } from './outgoing.ts';

export type StepEvent = EventOf<'letters.replay-requested'>;

/** Letters looked at for one step. */
const mostRead = 500;

/** @throws PermanentFault for a replay that is not there, InProgressElsewhere for a step that is not due */
export async function replayStep(
  event: StepEvent,
  {
    reader,
    store,
    queues,
    tracing,
    deadline,
    now = Date.now,
  }: StepOptions<ItemReader & ItemWriter & RangeReader>,
): Promise<Decision<Done, never>> {
  const { queue, replayId, step } = event.data;
  const replay = readReplay(await reader.read(replayAddress(table, queue, replayId)), now());
  if (!replay) throw new PermanentFault('replay-missing');
  if (!isDue(replay, event)) return { answer: { outcome: 'done' }, writes: [] };

  const { ids, next } = await lettersOf(replay, {
    store,
    nowMs: now(),
    hasTime: () => deadline.remainingMs() > sendingMs,
  });
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
  if (next) await sendNextStep(event, replay, { queues, tracing, delaySeconds });
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
  reading: Pick<LetterQuery, 'store' | 'nowMs' | 'hasTime'>,
): Promise<Step> {
  const limit = lettersOfStep(ratePerSecond);
  if ('ids' in wanted) {
    const ids = wanted.ids.slice((step - 1) * limit, step * limit);
    return wanted.ids.length > step * limit ? { ids, next: {} } : { ids };
  }
  const { filter } = wanted;
  const { letters, next } = await pageOfLetters({
    ...reading,
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
  });
  const ids = letters.map((letter) => letter.id);
  return next ? { ids, next: { after: next } } : { ids };
}
