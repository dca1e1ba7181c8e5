import type { Decision } from '#shared/idempotency/decision.ts';
import {
  afterEvents,
  type EventReplay,
  eventReplayAddress,
  eventReplayWrite,
  readEventReplay,
} from '#shared/outbox/event-replay.ts';
import { replayPage } from '#shared/outbox/replay-page.ts';
import { lettersOfStep, secondsOfStep } from '#shared/parking/replay.ts';
import type { RangeReader } from '#shared/state/store.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { isDue, type StepOptions, sendingMs, sendNextStep, table } from './next-step.ts';
import { sendEvents } from './send-events.ts';

/** Events of one step of a dry run, which sends none. */
const mostCounted = 2_000;

/** @throws PermanentFault for a replay that is not there */
export async function replayEventsStep(
  event: EventOf<'events.replay-requested'>,
  { reader, store, queues, tracing, deadline, now = Date.now }: StepOptions<RangeReader>,
): Promise<Decision<Done, never>> {
  const at = eventReplayAddress(table, event.data.replayId);
  const replay = readEventReplay(await reader.read(at), now());
  if (!replay) throw new PermanentFault('replay-missing');
  if (!isDue(replay, event)) return { answer: { outcome: 'done' }, writes: [] };

  const { dryRun, filter, position, ratePerSecond } = replay;
  const { events, next } = await replayPage({
    ...{ store, table: 'outbox', filter, position },
    limit: dryRun ? mostCounted : lettersOfStep(ratePerSecond),
    hasTime: () => deadline.remainingMs() > sendingMs,
  });
  const replayed = dryRun
    ? events.map((each) => ({ event: each, how: 'counted' as const }))
    : await sendEvents(events, { queues, tracing, ratePerSecond });

  const delaySeconds = dryRun ? 0 : secondsOfStep(events.length, ratePerSecond);
  if (next) await sendNextStep(event, replay, { queues, tracing, delaySeconds });
  const after: EventReplay = {
    ...replay,
    version: replay.version + 1,
    step: replay.step + 1,
    progress: afterEvents(replay.progress, replayed),
    ...(next ? { position: next } : { state: 'done', finishedAtMs: now() }),
  };
  // The reader has read it, so the commit holds only for the version that was read.
  return { answer: { outcome: 'done' }, writes: [eventReplayWrite(table, after)] };
}
