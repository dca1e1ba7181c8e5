/** What a worker is given by its consumer, and the other way round. */
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { CrashHere } from '#shared/faults/crash-point.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Value, Write } from '#shared/state/items.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';
import type { Trace } from '#shared/telemetry/trace.ts';
import type { EventOf } from './consumed-event.ts';
import type { EventType } from './tables/events.ts';

/**
 * - `undeliverable`: the recipient of an outside effect would not have it, which is a result.
 * - `stale`: a newer event of its aggregate was there before it, and stands.
 */
export type Done = { readonly outcome: 'done' | 'undeliverable' | 'stale' } & {
  readonly [name: string]: Value;
};

export interface Circumstances {
  readonly reader: UnitReader;
  readonly trace: Trace;
  readonly deadline: Deadline;
}

/** What an effect outside is given. */
export interface Outside {
  /** The event's id: what the recipient is asked under, however often. */
  readonly key: string;
  readonly look: UnitReader['look'];
  readonly trace: Trace;
  /** Leaves the record of the effect its time. */
  readonly deadline: Deadline;
}

interface AnyConsumer<T extends EventType> {
  /** The types it knows what to do about. */
  readonly events: readonly T[];
  readonly store: TransactionStore & ItemWriter;
  /** Called before and after the unit of work, and after a burial, where the stage has faults. */
  readonly crash?: CrashHere | undefined;
}

/** Touches nothing but our own tables. */
export interface DecidingConsumer<T extends EventType> extends AnyConsumer<T> {
  /**
   * What the event leads to. It may run several times, on fresh reads. It throws PermanentFault
   * where trying again cannot help.
   */
  readonly decide: (
    event: EventOf<T>,
    circumstances: Circumstances,
  ) => Promise<Decision<Done, never>>;
  readonly effect?: never;
}

/** Has an effect outside: whoever makes it happen holds a lease on the event. */
export interface EffectingConsumer<T extends EventType> extends AnyConsumer<T> {
  /**
   * Makes it happen, under the key it is given. What it throws leaves open whether it has happened:
   * the next attempt asks again, under the same key. PermanentFault where that cannot help.
   */
  readonly effect: (event: EventOf<T>, outside: Outside) => Promise<Done>;
  /**
   * What is to be written of it, in the very transaction that records the effect. It may run several
   * times, on fresh reads; by then the effect has happened.
   */
  readonly conclude?: (
    event: EventOf<T>,
    done: Done,
    reader: UnitReader,
  ) => Promise<readonly Write[]>;
  readonly decide?: never;
}

export type Consumer<T extends EventType> = DecidingConsumer<T> | EffectingConsumer<T>;
