/** The queue ports in memory, with the failures that SQS has and local engines do not show. */
import { bytesOf, maxCallBytes, maxMessagesPerCall } from './calls.ts';
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
}

export interface MemoryQueue extends QueueSender, Visibility {
  /** All that a queue ever took, in order. */
  taken(queue: string): readonly QueueMessage[];
  /** Every `hide`, in order. */
  hidden(): readonly { readonly receiptHandle: string; readonly seconds: number }[];
}

export class LostAnswerError extends Error {
  override name = 'TimeoutError';
}

export function memoryQueue({ faults }: MemoryQueueOptions = {}): MemoryQueue {
  const queues = new Map<string, QueueMessage[]>();
  const hides: { readonly receiptHandle: string; readonly seconds: number }[] = [];

  async function call<T>(call: QueueCall, work: (fault: QueueFault | undefined) => T): Promise<T> {
    const fault = faults?.(call);
    if (fault === 'lose-request') throw new LostAnswerError(`${call.verb} was lost`);
    const answer = work(fault);
    if (fault === 'lose-answer') throw new LostAnswerError(`the answer to ${call.verb} was lost`);
    return answer;
  }

  const take = (queue: string, message: QueueMessage) =>
    queues.set(queue, [...(queues.get(queue) ?? []), message]);

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
      }),
    taken: (queue) => queues.get(queue) ?? [],
    hidden: () => hides,
  };
}

const noFault: { readonly failed?: readonly string[]; readonly refused?: readonly string[] } = {};

function assertOneCall(messages: readonly QueueMessage[]): void {
  const ids = new Set(messages.map(({ id }) => id));
  if (messages.length < 1 || messages.length > maxMessagesPerCall)
    throw new RangeError(
      `a call sends 1 to ${maxMessagesPerCall} messages, got ${messages.length}`,
    );
  if (ids.size < messages.length) throw new RangeError('the ids of a call are distinct');
  if (messages.reduce((sum, message) => sum + bytesOf(message), 0) > maxCallBytes)
    throw new RangeError(`a call sends at most ${maxCallBytes} bytes`);
}
