/** The unit of work of one request or message, with its ends counted. */
import { type LeasedUnitOfWork, leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import { type UnitOfWork, unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';
import type { Listener } from '#shared/telemetry/resilience-event.ts';
import type { Scope } from './telemetry.ts';

const recordsTable = 'state';

export const unitFor = (store: TransactionStore, scope: Scope): UnitOfWork =>
  unitOfWork({ store, recordsTable, listen: counting(scope) });

/** For an effect outside. */
export const leasedUnitFor = (
  store: TransactionStore & ItemWriter,
  scope: Scope,
): LeasedUnitOfWork => leasedUnitOfWork({ store, recordsTable, listen: counting(scope) });

const counting =
  ({ listen, record }: Scope): Listener =>
  (event) => {
    listen(event);
    record('UnitsOfWork', 1, { subject: event.subject, outcome: event.happened });
    if (event.happened === 'gave-up') record('UnitsGivenUp', 1, {});
  };
