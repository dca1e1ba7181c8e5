/** From one step of a replay to the next: by a message to oneself, before the step is committed. */

import { createHash } from 'node:crypto';
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { toMessage } from '#shared/outbox/message.ts';
import type { QueueSender } from '#shared/queue/queue.ts';
import { InProgressElsewhere } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';

/** What a step works with, of letters or of events. */
export interface StepOptions<Store> {
  readonly reader: UnitReader;
  readonly store: Store;
  readonly queues: QueueSender;
  readonly tracing: boolean;
  readonly deadline: Pick<Deadline, 'remainingMs'>;
  readonly now?: () => number;
}

/** The role of the table of replays and letters. */
export const table = 'parked';

/** Left of a step when its reading ends: for its messages, the next step's, and the commit. */
export const sendingMs = 10_000;

export type StepEvent = EventOf<'letters.replay-requested' | 'events.replay-requested'>;

interface Standing {
  readonly id: string;
  readonly state: string;
  readonly requestedAtMs: number;
  readonly step: number;
}

/**
 * The step before has sent for this one and has not committed. If it crashed, it comes again when its
 * visibility ends, and sends for this one once more: whoever waits must not be given up before
 * (tested for each stage), and keeps nobody waiting by coming late.
 */
const notDueMs = 60_000;

/** Time for a step's commit, where it takes no time to send. */
const leastDelaySeconds = 1;

/** @throws InProgressElsewhere for a step that is to come: its message comes again. */
export function isDue({ state, step }: Standing, event: StepEvent): boolean {
  if (state !== 'running' || step > event.data.step) return false;
  if (step < event.data.step) throw new InProgressElsewhere(notDueMs);
  return true;
}

export interface NextStepOptions {
  readonly queues: QueueSender;
  readonly tracing: boolean;
  readonly delaySeconds: number;
}

export async function sendNextStep(
  event: StepEvent,
  replay: Standing,
  { queues, tracing, delaySeconds }: NextStepOptions,
): Promise<void> {
  const [sent] = await queues.send('dlq:replay', [
    {
      ...toMessage(following(event, replay), { tracing }),
      delaySeconds: Math.max(leastDelaySeconds, delaySeconds),
    },
  ]);
  if (!sent?.sent) throw new Error(`the next step was not sent: ${sent?.code ?? 'unanswered'}`);
}

/** The event of the next step, the same however often it is made. */
function following(event: StepEvent, { id, requestedAtMs }: Standing) {
  const step = event.data.step + 1;
  const hash = createHash('sha256').update(`${id}#${step}`).digest();
  const made = { now: () => requestedAtMs, bytes: (count: number) => hash.subarray(0, count) };
  return { ...event, id: uuidV7(made), seq: step, data: { ...event.data, step } };
}
