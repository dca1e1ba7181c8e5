/**
 * Which event types a sweeper passes over for the rest of its run: those whose queue takes nothing.
 * Without it the backlog of one queue that is down would use up every run, and each event its tries,
 * while the events of other queues wait behind it.
 */
import { maxMessagesPerCall } from '../queue/calls.ts';
import type { HandedOn } from './hand-on.ts';

export interface PassedOver {
  /** Takes note of what became of the events of one step. */
  note(handed: readonly HandedOn[]): void;
  has(type: string): boolean;
}

/**
 * A type is passed over after this many failures, with none of it sent in these steps. As many as
 * share a call: a single event that always fails must not hold up its type.
 */
const enough = maxMessagesPerCall;

/** For one run: the next one tries each type again. */
export function passedOver(): PassedOver {
  const failures = new Map<string, number>();

  return {
    note(handed) {
      for (const [type, each] of Map.groupBy(handed, ({ event }) => event?.type)) {
        if (type === undefined) continue;
        const failed = each.filter(isOfTheQueue).length;
        const wasSent = each.some(({ how }) => how === 'sent');
        failures.set(type, wasSent ? 0 : (failures.get(type) ?? 0) + failed);
      }
    },
    has: (type) => (failures.get(type) ?? 0) >= enough,
  };
}

/** An event that was held back for another's failure did not reach its queue. */
const isOfTheQueue = (handed: HandedOn): boolean =>
  handed.how === 'failed' && handed.cause !== 'held';
