/** Dead letters: by which names their queues are asked for, and which may be replayed. */
import { outboxQueue } from '#shared/parking/letter-items.ts';
import { type QueueName, queues } from './queues.ts';
import { retention } from './retention.ts';

export type LetterQueue = QueueName | typeof outboxQueue;

export const letterQueues: readonly LetterQueue[] = [
  ...(Object.keys(queues) as QueueName[]),
  outboxQueue,
];

/** As it stands in paths and answers: `order:process` is `order-process`. */
export const letterQueueSlug = (queue: string): string => queue.replaceAll(':', '-');

/** The queue of a slug, or of its own name. */
export const letterQueueNamed = (name: string): LetterQueue | undefined =>
  letterQueues.find((queue) => queue === name || letterQueueSlug(queue) === name);

/** Consumers refuse an event an hour before its inbox record lapses; a replay takes a while. */
export const tooOldToReplayMs = retention.inboxMs - 2 * 3_600_000;

/** Letters that one replay may name. */
export const mostNamedLetters = 100;

/** Characters of the reason that a letter is discarded with. */
export const discardReason = { min: 3, max: 300 } as const;
