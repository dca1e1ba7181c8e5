/** The pressure on the service: which queues it is read off, and in which times. */
import type { QueueName } from './queues.ts';

/** Those in which the work of callers waits: what an order needs, and its mails. */
export const pressureQueues = ['order:process', 'email:send'] as const satisfies QueueName[];

export const pressureTimes = {
  /** A reading stands for so long in an environment, and so is the price of it. */
  freshMs: 10_000,
  /** The call that finds it out of date waits no longer for the next one. */
  timeoutMs: 250,
  /** After a reading that failed or was late. */
  retryEveryMs: 2_000,
  /** Six readings missed: then it says nothing any more. */
  unknownAfterMs: 60_000,
  /** A worker whose messages have waited for less reports nothing. */
  reportFromMs: 5_000,
  /** Of one environment of a worker. */
  reportEveryMs: 1_000,
  /** A report counts for so long: twice the longest batch, so that who is behind is always heard. */
  reportLifeMs: 30_000,
} as const;
