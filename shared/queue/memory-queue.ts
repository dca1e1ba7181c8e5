/** The queue ports in memory, with the failures that SQS has and local engines do not show. */
import { LostAnswerError } from '../state/memory-faults.ts';
import { assertDelays, bytesOf, maxCallBytes, maxMessagesPerCall } from './calls.ts';
import type { QueueMessage, QueueSender, Sent, Visibility } from './queue.ts';

export interface QueueCall {
  readonly verb: 'send' | 'hide';
  readonly queue: string;
  readonly messages: readonly QueueMessage[];
}

/**
 * - `lose-request`: it never arrives; the caller hears a timeout.
 * - `lose-answer`: it is done; the caller hears a timeout.
 * - `failed`, `refused`: these messages are not taken, for the queue's reasons or for their own.
 */
export type QueueFault =
  | 'lose-request'
  | 'lose-answer'
  | { readonly failed: readonly string[] }
  | { readonly refused: readonly string[] };

export interface MemoryQueueOptions {
  /** Asked before each call. */
  readonly faults?: (call: QueueCall) => QueueFault | undefined;
  /** How long a received message is hidden. */
  readonly visibilityMs?: number;
  readonly now?: () => number;
}

export interface ReceivedMessage extends QueueMessage {
  readonly receiptHandle: string;
}

export interface MemoryQueue extends QueueSender, Visibility {
  /** All that a queue ever took, in order. */
  taken(queue: string): readonly QueueMessage[];
  /** All that is visible, which it then hides. Nothing is ever deleted. */
  receive(queue: string): readonly ReceivedMessage[];
  /** Every `hide`, in order, those of receipts that it never gave among them. */
  hidden(): readonly { readonly receiptHandle: string; readonly seconds: number }[];
}

interface Held {
  readonly message: QueueMessage;
  readonly receiptHandle: string;
  visibleAtMs: number;
}

export function memoryQueue({
  faults,
  visibilityMs = 30_000,
  now = Date.now,
}: MemoryQueueOptions = {}): MemoryQueue {
  const queues = new Map<string, Held[]>();
  const hides: { readonly receiptHandle: string; readonly seconds: number }[] = [];

  async function call<T>(call: QueueCall, work: (fault: QueueFault | undefined) => T): Promise<T> {
    const fault = faults?.(call);
    if (fault === 'lose-request') throw new LostAnswerError(`${call.verb} was lost`);
    const answer = work(fault);
    if (fault === 'lose-answer') throw new LostAnswerError(`the answer to ${call.verb} was lost`);
    return answer;
  }

  const heldIn = (queue: string): readonly Held[] => queues.get(queue) ?? [];

  function take(queue: string, message: QueueMessage): void {
    const held = heldIn(queue);
    const receiptHandle = `${queue}/${held.length}`;
    const { delaySeconds = 0 } = message;
    const visibleAtMs = delaySeconds > 0 ? now() + delaySeconds * 1_000 : 0;
    queues.set(queue, [...held, { message, receiptHandle, visibleAtMs }]);
  }

  return {
    send: (queue, messages) =>
      call({ verb: 'send', queue, messages }, (fault) => {
        assertOneCall(messages);
        const { failed = [], refused = [] } =
          typeof fault === 'object' ? { ...noFault, ...fault } : noFault;
        return messages.map((message): Sent => {
          const { id } = message;
          if (failed.includes(id))
            return { id, sent: false, retriable: true, code: 'InternalError' };
          if (refused.includes(id))
            return { id, sent: false, retriable: false, code: 'InvalidMessageContents' };
          take(queue, message);
          return { id, sent: true };
        });
      }),
    hide: (queue, receiptHandle, seconds) =>
      call({ verb: 'hide', queue, messages: [] }, () => {
        hides.push({ receiptHandle, seconds });
        for (const held of heldIn(queue))
          if (held.receiptHandle === receiptHandle) held.visibleAtMs = now() + seconds * 1_000;
      }),
    taken: (queue) => heldIn(queue).map(({ message }) => message),
    receive: (queue) =>
      heldIn(queue)
        .filter(({ visibleAtMs }) => visibleAtMs <= now())
        .map((held) => {
          held.visibleAtMs = now() + visibilityMs;
          return { ...held.message, receiptHandle: held.receiptHandle };
        }),
    hidden: () => hides,
  };
}

const noFault: { readonly failed?: readonly string[]; readonly refused?: readonly string[] } = {};

function assertOneCall(messages: readonly QueueMessage[]): void {
  assertDelays(messages);
  const ids = new Set(messages.map(({ id }) => id));
  if (messages.length < 1 || messages.length > maxMessagesPerCall)
    throw new RangeError(
      `a call sends 1 to ${maxMessagesPerCall} messages, got ${messages.length}`,
    );
  if (ids.size < messages.length) throw new RangeError('the ids of a call are distinct');
  if (messages.reduce((sum, message) => sum + bytesOf(message), 0) > maxCallBytes)
    throw new RangeError(`a call sends at most ${maxCallBytes} bytes`);
}
