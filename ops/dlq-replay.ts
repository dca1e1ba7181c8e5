/** A replay, asked for as the operator's route asks for one: a worker of the stage does it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EventType } from '#functions/tables/events.ts';
import { type LetterQueue, tooOldToReplayMs } from '#functions/tables/letters.ts';
import { retention } from '#functions/tables/retention.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { planReplay, type ReplayPlan } from '#shared/parking/plan-replay.ts';
import {
  nothingYet,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
  type Wanted,
} from '#shared/parking/replay.ts';
import type { ItemReader, RangeReader, TransactionStore } from '#shared/state/store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';

const table = 'parked';
const mostRead = 10_000;

export interface ReplayAsked {
  readonly queue: LetterQueue;
  readonly wanted: Wanted;
  readonly edit?: NonNullable<Replay['edit']>;
  readonly ratePerSecond: number;
}

export const planned = (
  store: ItemReader & RangeReader,
  { queue, wanted }: Pick<ReplayAsked, 'queue' | 'wanted'>,
  nowMs: number,
): Promise<ReplayPlan> =>
  planReplay({
    ...{ store, table, queue, wanted, mostRead, nowMs },
    ...{ replayId: uuidV7(), tooOldMs: tooOldToReplayMs },
  });

export const newReplay = (
  { queue, wanted, edit, ratePerSecond }: ReplayAsked,
  nowMs: number,
): Replay => ({
  queue,
  id: uuidV7({ now: () => nowMs }),
  version: 1,
  state: 'running',
  wanted,
  ...(edit && { edit }),
  ratePerSecond,
  requestedBy: 'command line',
  requestedAtMs: nowMs,
  step: 1,
  progress: nothingYet,
  expiresAtMs: nowMs + retention.parkedMs,
});

/** It goes on whether or not anybody follows it. @throws when it was not written */
export async function startReplay(store: TransactionStore, replay: Replay): Promise<void> {
  const { id, queue, requestedAtMs } = replay;
  const requested = {
    id: uuidV7({ now: () => requestedAtMs }),
    type: 'letters.replay-requested' satisfies EventType,
    // It belongs to no tenant, and an event names one.
    tenant: 'operations',
    aggregate: `replay/${id}`,
    seq: 1,
    occurredAtMs: requestedAtMs,
    traceparent: toTraceparent(newTrace()),
    correlationId: id,
    data: { queue, replayId: id, step: 1 },
  };
  const { applied } = await store.commit({
    token: id,
    writes: [
      { ...replayWrite(table, replay), when: { absent: true } },
      eventWrite(requested, { table: 'outbox', retainMs: retention.outboxMs }),
    ],
  });
  if (!applied) throw new Error('the replay was not written: the store is busy; try again');
}

export interface FollowReplayOptions {
  readonly store: ItemReader;
  readonly queue: LetterQueue;
  readonly id: string;
  readonly onProgress?: (replay: Replay) => void;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
}

/** Waits for its end; undefined when there is no such replay. */
export async function followReplay({
  store,
  queue,
  id,
  onProgress = () => {},
  sleep = wait,
  now = Date.now,
}: FollowReplayOptions): Promise<Replay | undefined> {
  for (;;) {
    const replay = readReplay(await store.read(replayAddress(table, queue, id)), now());
    if (!replay) return undefined;
    onProgress(replay);
    if (replay.state !== 'running') return replay;
    await sleep(500);
  }
}
