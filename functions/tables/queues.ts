/**
 * The queues. Each has a worker of the same name and a dead-letter queue.
 *
 * Native redrive happens one receive after a worker's own last try, so it only
 * catches what no code could: a crash, a timeout (see shared/worker).
 */

export interface QueueRow {
  readonly priority: 'CRITICAL' | 'HIGH' | 'NORMAL' | 'LOW';
  /** Receives that a worker may use, the first included. */
  readonly maxAttempts: number;
  /** How many batches run at once: the bulkhead between queues (SQS allows 2 to 1,000). */
  readonly maxConcurrency: number;
  readonly batchSize: number;
  /** The dependency of the worker may be down this long without a letter in the DLQ; the delays
   *  between attempts add up to more (tested). */
  readonly toleratedOutageMs: number;
  /** Delay before the second attempt; each later one doubles, half of it jittered. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export const queues = {
  'order:process': {
    priority: 'NORMAL',
    maxAttempts: 8,
    maxConcurrency: 5,
    batchSize: 10,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
  'email:send': {
    priority: 'LOW',
    maxAttempts: 10,
    maxConcurrency: 4,
    batchSize: 10,
    toleratedOutageMs: 600_000,
    baseDelayMs: 4_000,
    maxDelayMs: 600_000,
  },
} as const satisfies Record<string, QueueRow>;

export type QueueName = keyof typeof queues;
