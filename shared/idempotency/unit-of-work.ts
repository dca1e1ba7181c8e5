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
import type { Decision, Outcome, UnitRequest } from './decision.ts';
import { ContentionError, OutcomeUnknownError } from './errors.ts';
import type { UnitReader } from './tracked-reads.ts';
import {
  assertAboveZero,
  assertNamed,
  type UnitOfWorkOptions,
  unitPolicy,
} from './unit-options.ts';
import { unitRun } from './unit-run.ts';

export type { UnitOfWorkOptions };

export interface UnitOfWork {
  /**
   * Runs `useCase` to an outcome. It may run several times, each on fresh reads, and must do nothing
   * but read and decide (an effect outside must honour a key derived from the request's).
   *
   * @throws KeyReusedError, OutcomeUnknownError, ContentionError, DeadlineExceededError,
   * RecordFaultError, or what the use case threw; the last only after a look that no earlier answer
   * exists.
   */
  run<A extends Value, R>(
    request: UnitRequest,
    useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
  ): Promise<Outcome<A, R>>;
}

/** @throws RangeError for an option that makes no sense. */
export function unitOfWork(options: UnitOfWorkOptions): UnitOfWork {
  const { maxRuns, telling, ...parts } = unitPolicy(options);
  const { pause } = parts;

  return {
    async run<A extends Value, R>(
      request: UnitRequest,
      useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
    ): Promise<Outcome<A, R>> {
      assertRequest(request);
      const tell = telling(request.subject);
      const unit = unitRun<A, R>(request, parts);
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
        if (end instanceof ContentionError) tell('gave-up', 'warning');
        throw end;
      }
    },
  };
}

function assertRequest({ retainMs, entityAt, ...request }: UnitRequest): void {
  assertNamed(request);
  if ((retainMs === undefined) === (entityAt === undefined))
    throw new RangeError('a record stands by itself (retainMs) or on an entity (entityAt)');
  if (retainMs !== undefined) assertAboveZero({ retainMs });
}

/** A write that may still arrive leaves no room for "nothing was written". */
const afterUncertainSend = (error: unknown): unknown =>
  error instanceof ContentionError || error instanceof DeadlineExceededError
    ? new OutcomeUnknownError('an earlier write may still arrive', { cause: error })
    : error;
