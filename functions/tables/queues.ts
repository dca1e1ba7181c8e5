/**
 * The queues. Each has a worker of the same name and a dead-letter queue.
 *
 * Native redrive happens one receive after a worker's own last try, so it only
 * catches what no code could: a crash, a timeout (see shared/worker).
 */

import type { Priority } from '#shared/pressure/priority.ts';

export interface QueueRow {
  /** A queue serves one: what is urgent must not wait behind what is not. */
  readonly priority: Priority;
  /** Receives that a worker may use, the first included. */
  readonly maxAttempts: number;
  /** How many batches run at once: the bulkhead between queues (SQS allows 2 to 1,000). */
  readonly maxConcurrency: number;
  /** No more than can be tried in one run of the function while every call hangs (tested). */
  readonly batchSize: number;
  /** Whether the messages of a batch are worked on at once, or one after the other. */
  readonly parallel: boolean;
  /** Time of one try: after it no call starts, so that the next message has its try as well. */
  readonly tryMs: number;
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
    batchSize: 3,
    // Orders of one batch often want the same stock, and would only be in each other's way.
    parallel: false,
    tryMs: 2_500,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
  'email:send': {
    priority: 'LOW',
    maxAttempts: 10,
    maxConcurrency: 4,
    batchSize: 10,
    // They wait for the provider, and nothing they write is shared.
    parallel: true,
    tryMs: 10_000,
    toleratedOutageMs: 600_000,
    baseDelayMs: 4_000,
    maxDelayMs: 600_000,
  },
  'audit:record': {
    priority: 'LOW',
    maxAttempts: 8,
    maxConcurrency: 2,
    batchSize: 10,
    // Each entry stands for itself, and two events of one aggregate seldom come together.
    parallel: true,
    tryMs: 2_500,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
  'violation:record': {
    priority: 'CRITICAL',
    maxAttempts: 8,
    // The list of violations is one partition: 20 writes at once stay below what it takes.
    maxConcurrency: 2,
    batchSize: 10,
    parallel: true,
    tryMs: 2_500,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
  'dlq:replay': {
    priority: 'NORMAL',
    maxAttempts: 8,
    maxConcurrency: 2,
    // A step is a page of letters, each with two writes.
    batchSize: 1,
    parallel: false,
    tryMs: 20_000,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
  'relay:deliver': {
    priority: 'NORMAL',
    maxAttempts: 8,
    // As much at once as the target is asked for, and no more: what comes faster waits, in a queue
    // that is bounded (tables/relay.ts).
    maxConcurrency: 2,
    batchSize: 1,
    parallel: false,
    tryMs: 10_000,
    toleratedOutageMs: 120_000,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  },
} as const satisfies Record<string, QueueRow>;

export type QueueName = keyof typeof queues;
