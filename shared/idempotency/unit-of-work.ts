/**
 * Unit of work: a use case's writes, its events and the record that makes a repeated request
 * harmless, in one transaction. Nothing is written before it, so nothing needs to be cleaned up
 * after a crash: either all of it happened, under this key, or nothing did.
 *
 * The guard is the record's condition. Token and owner only make the answer after a lost
 * acknowledgement cheaper and clearer.
 *
 * Keys and status codes follow draft-ietf-httpapi-idempotency-key-header-07; unlike it, only
 * successes are retained: a refusal leaves no trace and may be asked again.
 */
import { DeadlineExceededError } from '../deadline/deadline.ts';
import type { Value } from '../state/items.ts';
import type { TransactionStore } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { Decision, Outcome, UnitRequest } from './decision.ts';
import { ContentionError, OutcomeUnknownError } from './errors.ts';
import type { UnitReader } from './tracked-reads.ts';
import { unitRun } from './unit-run.ts';

export interface UnitOfWork {
  /**
   * Runs `useCase` to an outcome. It may run several times, each on fresh reads, and must do nothing
   * but read and decide (an effect outside must honour a key derived from the request's).
   *
   * @throws KeyReusedError, OutcomeUnknownError, ContentionError, DeadlineExceededError, or what the
   * use case threw; the last only after a look that no earlier answer exists.
   */
  run<A extends Value, R>(
    request: UnitRequest,
    useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
  ): Promise<Outcome<A, R>>;
}

export interface UnitOfWorkOptions {
  readonly store: TransactionStore;
  /** The role of the table that holds the records. */
  readonly recordsTable: string;
  readonly listen?: Listener;
  /** Runs of the use case when others change what it read, the first included. From 1. */
  readonly maxRuns?: number;
  /** Sends of one transaction whose answer is lost, the first included. From 1. */
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

export function unitOfWork({
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
}: UnitOfWorkOptions): UnitOfWork {
  for (const [name, value] of Object.entries({ maxRuns, maxSends }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1, got ${value}`);
  for (const [name, value] of Object.entries({ reserveMs, baseDelayMs }))
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`${name} must be a number from 0, got ${value}`);

  const pause = (attempt: number) => sleep(random() * baseDelayMs * 2 ** (attempt - 1));

  return {
    async run<A extends Value, R>(
      request: UnitRequest,
      useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
    ): Promise<Outcome<A, R>> {
      const tell = (happened: string, severity: 'info' | 'warning' = 'info') =>
        listen({ pattern: 'idempotency', happened, subject: request.subject, severity });
      const unit = unitRun<A, R>(request, {
        store,
        recordsTable,
        maxSends,
        reserveMs,
        pause,
        now,
        newId,
      });
      try {
        for (let attempt = 1; attempt <= maxRuns; attempt++) {
          const outcome = await unit.once(useCase, attempt === 1 && request.peek === true);
          if (outcome) {
            tell(outcome.how);
            return outcome;
          }
          tell('conflicted');
          if (attempt < maxRuns) await pause(attempt);
        }
        throw new ContentionError(`others changed the same items ${maxRuns} times in a row`);
      } catch (error) {
        const end = unit.isUncertain() ? afterUncertainSend(error) : error;
        if (end instanceof OutcomeUnknownError) tell('unknown', 'warning');
        throw end;
      }
    },
  };
}

/** A write that may still arrive leaves no room for "nothing was written". */
const afterUncertainSend = (error: unknown): unknown =>
  error instanceof ContentionError || error instanceof DeadlineExceededError
    ? new OutcomeUnknownError('an earlier write may still arrive', { cause: error })
    : error;
