/** What a worker is given by its consumer, and the other way round. */
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { CrashHere } from '#shared/faults/crash-point.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Value } from '#shared/state/items.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';
import type { Trace } from '#shared/telemetry/trace.ts';
import type { EventOf } from './consumed-event.ts';
import type { EventType } from './tables/events.ts';

/** `undeliverable`: the recipient of an outside effect would not have it, which is a result. */
export type Done = { readonly outcome: 'done' | 'undeliverable' } & {
  readonly [name: string]: Value;
};

export interface Circumstances {
  readonly reader: UnitReader;
  readonly trace: Trace;
  readonly deadline: Deadline;
}

export interface Consumer<T extends EventType> {
  /** The types it knows what to do about. */
  readonly events: readonly T[];
  readonly store: TransactionStore & ItemWriter;
  /**
   * What the event leads to. It may run several times, on fresh reads; an effect outside must go
   * under the event's id. It throws PermanentFault where trying again cannot help.
   */
  readonly decide: (
    event: EventOf<T>,
    circumstances: Circumstances,
  ) => Promise<Decision<Done, never>>;
  /** Called before and after the unit of work, where the stage has faults. */
  readonly crash?: CrashHere | undefined;
}
