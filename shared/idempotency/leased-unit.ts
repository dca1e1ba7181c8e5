/**
 * Leased unit of work: for an effect outside, such as a payment or a mail, that no transaction of
 * ours can hold. A lease is taken first, so that one at a time asks for the effect; the answer and
 * the writes it leads to are committed in place of the lease, by its owner only.
 *
 * A lease cannot promise that one asks: an owner may be frozen, and wake when another has taken
 * over. What promises one effect is the recipient, which must honour the key that it is asked under.
 * All owners ask under the same one, derived from the request's and kept in the lease. What the
 * lease promises is that a late owner neither completes nor frees what is another's by now.
 */
import { assertRemaining } from '../deadline/deadline.ts';
import { uuidV8Of } from '../ids/uuid.ts';
import type { Value } from '../state/items.ts';
import type { ItemWriter, TransactionStore } from '../state/store.ts';
import type { Outcome } from './decision.ts';
import { InProgressError, OutcomeUnknownError } from './errors.ts';
import { leasedRun } from './leased-run.ts';
import type { LeasedRequest, LeasedWork } from './leased-work.ts';
import {
  assertAboveZero,
  assertNamed,
  type UnitOfWorkOptions,
  unitPolicy,
} from './unit-options.ts';

export interface LeasedUnitOfWork {
  /**
   * @throws InProgressError while another carries the request out, with the rest of its lease
   * @throws KeyReusedError, RecordFaultError
   * @throws OutcomeUnknownError, its cause the error, for whatever happens from the effect on
   * @throws DeadlineExceededError, or what the store threw, before the outside was asked
   */
  run<E, A extends Value, R>(
    request: LeasedRequest,
    work: LeasedWork<E, A, R>,
  ): Promise<Outcome<A, R>>;
}

export interface LeasedUnitOptions extends UnitOfWorkOptions {
  readonly store: TransactionStore & ItemWriter;
}

/** @throws RangeError for an option that makes no sense. */
export function leasedUnitOfWork({ store, ...options }: LeasedUnitOptions): LeasedUnitOfWork {
  const { telling, ...parts } = unitPolicy({ store, ...options });
  const { reserveMs } = parts;

  return {
    async run(request, work) {
      const { key, holdMs, retainMs, deadline, subject } = request;
      assertNamed(request);
      assertAboveZero({ holdMs, retainMs });
      if (holdMs <= reserveMs)
        throw new RangeError(
          `holdMs must leave time beside the commit's reserveMs ${reserveMs}, got ${holdMs}`,
        );
      if (retainMs < holdMs)
        throw new RangeError(`retainMs must not be below holdMs ${holdMs}, got ${retainMs}`);
      if (request.outsideKey === '') throw new RangeError('outsideKey must not be empty');

      const tell = telling(subject);
      const id = uuidV8Of(key);
      try {
        assertRemaining(deadline, reserveMs, 'begin');
        const outcome = await leasedRun({ outsideKey: id, ...request, id }, work, {
          ...parts,
          store,
          tell,
        });
        tell(outcome.how);
        return outcome;
      } catch (error) {
        if (error instanceof OutcomeUnknownError) tell('unknown', 'warning');
        if (error instanceof InProgressError) tell('in-progress');
        throw error;
      }
    },
  };
}
