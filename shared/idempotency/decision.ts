/** What a use case decides, what a caller asks for, and how it ends. */
import type { Deadline } from '../deadline/deadline.ts';
import type { Write } from '../state/items.ts';

/** What a use case decides: to refuse, leaving no trace, or to answer and write. */
export type Decision<A, R> =
  | { readonly refused: R }
  | { readonly answer: A; readonly writes: readonly Write[] };

export type Outcome<A, R> =
  | { readonly how: 'committed' | 'replayed'; readonly answer: A }
  | { readonly how: 'refused'; readonly refusal: R };

export interface UnitRequest {
  /** From `unitKey`: two requests under one key are one request. */
  readonly key: string;
  /** From `fingerprint`: the same key with another fingerprint is a mistake of the caller. */
  readonly fingerprint: string;
  /** How long a repeated request gets the first answer, in milliseconds. */
  readonly retainMs: number;
  /** Look for an earlier answer first (eventually consistent). A miss decides nothing. */
  readonly peek?: boolean;
  readonly deadline: Deadline;
  /** The route or consumer, for resilience events. */
  readonly subject: string;
}
