/**
 * One message of a queue, to its end: done and acknowledged, back in the queue for later, or in the
 * dead-letter queue with the reason. A message is only acknowledged when one of these has happened,
 * so that whatever dies in between leaves it in the queue.
 */
import { assertFromZero, assertWhole } from '../options/assert-numbers.ts';
import type { QueueSender, Visibility } from '../queue/queue.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import { nameOf } from './faults.ts';
import { toLetter } from './letter.ts';
import type { Message } from './message.ts';
import { type RetryPolicy, type Verdict, verdict } from './verdict.ts';

export type Worked<T> =
  | { readonly acknowledge: true; readonly outcome: 'worked'; readonly result: T }
  | {
      readonly acknowledge: true;
      readonly outcome: 'buried';
      readonly cause: string;
      readonly error: string;
    }
  | { readonly acknowledge: false; readonly outcome: 'retried'; readonly error: string }
  | { readonly acknowledge: false; readonly outcome: 'handed-back' };

export interface WorkerOptions extends RetryPolicy {
  readonly visibility: Visibility;
  /** Sends to the dead-letter queues, each under the name of its queue. */
  readonly deadLetters: QueueSender;
  readonly queue: string;
  readonly consumer: string;
  /** Time that one message needs at least, in milliseconds. With less left it is handed back. */
  readonly marginMs: number;
  /** Delays are multiplied by it: below 1 only where nobody waits for real. */
  readonly retryDelayRatio?: number;
  readonly random?: () => number;
}

export interface Work<T> {
  readonly remainingMs: number;
  /** Does the work, once or again. What it throws decides what becomes of the message. */
  readonly handle: () => Promise<T>;
  readonly listen?: Listener;
}

/** Never throws: whatever goes wrong on the way leaves the message unacknowledged. */
export type Worker = <T>(message: Message, work: Work<T>) => Promise<Worked<T>>;

/**
 * @example
 * const work = worker({ queue: 'orders', consumer: 'billing', ...ports, ...policy });
 * const { acknowledge } = await work(message, { remainingMs, handle: () => bill(message.body) });
 */
export function worker({
  visibility,
  deadLetters,
  queue,
  consumer,
  marginMs,
  retryDelayRatio = 1,
  random = Math.random,
  ...policy
}: WorkerOptions): Worker {
  assertWhole({ maxAttempts: policy.maxAttempts, baseDelayMs: policy.baseDelayMs }, 1);
  assertFromZero({ marginMs, retryDelayRatio });

  /** A message that cannot be hidden comes back when its visibility ends: at another time, not never. */
  async function hide(message: Message, seconds: number, tell: Tell): Promise<void> {
    try {
      await visibility.hide(queue, message.receiptHandle, seconds);
    } catch (error) {
      tell('hide-failed', 'warning', { error: nameOf(error) });
    }
  }

  /** Whether the letter is in the dead-letter queue. */
  async function bury(message: Message, { cause, error }: Buried, tell: Tell): Promise<boolean> {
    const letter = toLetter(message, { consumer, cause, error });
    const failure = await deadLetters
      .send(queue, [letter])
      .then(([sent]) => (sent?.sent ? undefined : (sent?.code ?? 'unanswered')), nameOf);
    if (failure) tell('bury-failed', 'error', { cause, error: failure });
    else tell('buried', 'error', { cause, error });
    return failure === undefined;
  }

  return async (message, { remainingMs, handle, listen = silent }) => {
    const tell: Tell = (happened, severity, facts) =>
      listen({
        pattern: 'worker',
        happened,
        subject: consumer,
        severity,
        facts: { messageId: message.id, attempt: message.attempt, ...facts },
      });

    if (remainingMs < marginMs) {
      await hide(message, 0, tell);
      return { acknowledge: false, outcome: 'handed-back' };
    }
    try {
      return { acknowledge: true, outcome: 'worked', result: await handle() };
    } catch (fault) {
      const end = verdict(fault, message.attempt, policy, random);
      const { error } = end;
      if (end.bury && (await bury(message, end, tell)))
        return { acknowledge: true, outcome: 'buried', cause: end.cause, error };
      if (!end.bury) {
        const afterMs = end.exact ? end.afterMs : end.afterMs * retryDelayRatio;
        await hide(message, wholeSeconds(afterMs), tell);
      }
      return { acknowledge: false, outcome: 'retried', error };
    }
  };
}

type Tell = (
  happened: string,
  severity: 'warning' | 'error',
  facts: Readonly<Record<string, string | number>>,
) => void;

type Buried = Extract<Verdict, { readonly bury: true }>;

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1_000);
