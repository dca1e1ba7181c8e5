/** The unit of work of one request or message, with its ends counted. */
import { type UnitOfWork, unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { TransactionStore } from '#shared/state/store.ts';
import type { Scope } from './telemetry.ts';

export const unitFor = (store: TransactionStore, { listen, record }: Scope): UnitOfWork =>
  unitOfWork({
    store,
    recordsTable: 'state',
    listen(event) {
      listen(event);
      record('UnitsOfWork', 1, { subject: event.subject, outcome: event.happened });
    },
  });
