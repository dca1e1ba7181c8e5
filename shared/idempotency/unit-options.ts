/** What every unit of work is built with, its defaults, and what they may be. */
import { assertFromZero, assertWhole } from '../options/assert-numbers.ts';
import type { TransactionStore } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { UnitParts } from './unit-store.ts';

export interface UnitOfWorkOptions {
  readonly store: TransactionStore;
  /** The role of the table that holds the records. */
  readonly recordsTable: string;
  readonly listen?: Listener;
  /** Runs of the use case when others change what it read, the first included. From 1. */
  readonly maxRuns?: number;
  /** Sends of one write whose answer is lost, the first included. From 1. */
  readonly maxSends?: number;
  /** Time the commit needs, in milliseconds: with less left it does not start. */
  readonly reserveMs?: number;
  /** First pause between tries, in milliseconds; doubles, with full jitter. */
  readonly baseDelayMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface UnitPolicy extends UnitParts {
  readonly maxRuns: number;
  /** A teller for one request: what happened to it becomes a resilience event. */
  readonly telling: (subject: string) => Tell;
}

export type Tell = (happened: string, severity?: 'info' | 'warning') => void;

/** @throws RangeError for an option that makes no sense. */
export function unitPolicy({
  store,
  recordsTable,
  listen = silent,
  maxRuns = 4,
  maxSends = 3,
  reserveMs = 500,
  baseDelayMs = 20,
  now = Date.now,
  random = Math.random,
  newId = () => crypto.randomUUID(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: UnitOfWorkOptions): UnitPolicy {
  assertWhole({ maxRuns, maxSends }, 1);
  assertFromZero({ reserveMs, baseDelayMs });

  return {
    store,
    recordsTable,
    maxRuns,
    maxSends,
    reserveMs,
    now,
    newId,
    pause: (attempt) => sleep(random() * baseDelayMs * 2 ** (attempt - 1)),
    telling:
      (subject) =>
      (happened, severity = 'info') =>
        listen({ pattern: 'idempotency', happened, subject, severity }),
  };
}

/** @throws RangeError for a request that names nothing. */
export function assertNamed(request: { readonly key: string; readonly fingerprint: string }): void {
  for (const name of ['key', 'fingerprint'] as const)
    if (request[name] === '') throw new RangeError(`${name} must not be empty`);
}

/** @throws RangeError for a time that is none. */
export function assertAboveZero(times: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(times))
    if (!Number.isFinite(value) || value <= 0)
      throw new RangeError(`${name} must be a number above 0, got ${value}`);
}
