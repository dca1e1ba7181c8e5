/** What a use case decides, what a caller asks for, and how it ends. */
import type { Deadline } from '../deadline/deadline.ts';
import type { Address, Value, Write } from '../state/items.ts';
import type { UnitReader } from './tracked-reads.ts';

/** What a use case decides: to refuse, leaving no trace, or to answer and write. */
export type Decision<A, R> =
  | { readonly refused: R }
  | { readonly answer: A; readonly writes: readonly Write[] };

export type Outcome<A, R> =
  | { readonly how: 'committed' | 'replayed'; readonly answer: A }
  | { readonly how: 'refused'; readonly refusal: R };

/**
 * One request. Its record stands by itself for `retainMs`, or on the entity that the request makes
 * (`entityAt`) for as long as that exists.
 */
export type UnitRequest = {
  /** From `unitKey`: two requests under one key are one request. */
  readonly key: string;
  /** From `fingerprint`: the same key with another fingerprint is a mistake of the caller. */
  readonly fingerprint: string;
  /** Look for an earlier answer first (eventually consistent). A miss decides nothing. */
  readonly peek?: boolean;
  readonly deadline: Deadline;
  /** The route or consumer, for resilience events. */
  readonly subject: string;
  /**
   * Gives the first answer back, from what never changes of the entities it was made of. Where it
   * stands, the record holds no answer but its hash, and a replay that differs is a fault.
   */
  readonly rebuild?: (reader: UnitReader) => Promise<Value>;
} & (
  | {
      /** How long a repeated request gets the first answer, in milliseconds. */
      readonly retainMs: number;
      readonly entityAt?: never;
    }
  | {
      /** Derived from `key`. The use case puts the entity there, `when: { absent: true }`. */
      readonly entityAt: Address;
      readonly retainMs?: never;
    }
);
