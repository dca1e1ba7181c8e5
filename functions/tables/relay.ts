/** How much the relay takes in before it says no, and for whom. */
import { shares } from '#shared/bounded-queue/shares.ts';
import { queues } from './queues.ts';

/** Jobs that are accepted and not yet done, of all tenants together. */
export const relayBound = 100;

/**
 * Never lower one share and raise another in one deployment: together they would exceed the bound
 * while the lowered one is still full. Lower first, and deploy; raise when nothing of the old version
 * runs and `GET /stats` shows every share with no more taken than it has. A row that is added is
 * a raise. One that is taken out lowers it to nothing, and is not shown any more: its jobs have all left
 * it when `relayOverdueMs` is over, and the reconciler has run.
 */
export const relayShares = shares({
  bound: relayBound,
  byTenant: { acme: 40, globex: 20, initech: 5, load: 25 },
  others: 10,
});

/** What the target takes for a job when nothing is wrong with it. */
const usualDeliveryMs = 500;

/**
 * When a caller who finds the share full may come back: by then all of it is delivered, if the target
 * answers as usual and the workers have nothing else to do. Where they have, the caller hears it again.
 */
export const retryWhenFullMs = (capacity: number): number =>
  Math.ceil(capacity / queues['relay:deliver'].maxConcurrency) * usualDeliveryMs;

/** When a caller may come back who was in the way of others, and they in theirs. */
export const retryWhenBusyMs = 1_000;

/**
 * A job that has been accepted for longer is parked. Longer than its message is tried, though each
 * receive is a crash and all others are before it (tested): what is parked while it is still tried is
 * not lost, but needs a slot once more.
 */
export const relayOverdueMs = 7_200_000;
