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
  readonly ratePerSecond: number;
}

export const planned = (
  store: ItemReader & RangeReader,
  { queue, wanted }: ReplayAsked,
  nowMs: number,
): Promise<ReplayPlan> =>
  planReplay({
    ...{ store, table, queue, wanted, mostRead, nowMs },
    ...{ replayId: uuidV7(), tooOldMs: tooOldToReplayMs },
  });

/** @returns the replay's id. It goes on whether or not anybody follows it. */
export async function startReplay(
  store: TransactionStore,
  { queue, wanted, ratePerSecond }: ReplayAsked,
  nowMs: number,
): Promise<string> {
  const id = uuidV7();
  const replay: Replay = {
    queue,
    id,
    version: 1,
    state: 'running',
    wanted,
    ratePerSecond,
    requestedBy: 'command line',
    requestedAtMs: nowMs,
    step: 1,
    progress: nothingYet,
    expiresAtMs: nowMs + retention.parkedMs,
  };
  const requested = {
    id: uuidV7(),
    type: 'letters.replay-requested' satisfies EventType,
    // It belongs to no tenant, and an event names one.
    tenant: 'operations',
    aggregate: `replay/${id}`,
    seq: 1,
    occurredAtMs: nowMs,
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
  return id;
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
