/** What a caller asks of a leased unit of work, and what its effect and its decision are given. */
import type { Deadline } from '../deadline/deadline.ts';
import type { Address, Item } from '../state/items.ts';
import type { Decision, UnitRequest } from './decision.ts';
import type { UnitReader } from './tracked-reads.ts';

export interface LeasedRequest
  extends Pick<UnitRequest, 'key' | 'fingerprint' | 'peek' | 'deadline' | 'subject' | 'rebuild'> {
  /** How long a repeated request gets the first answer, in milliseconds. Longer than `holdMs`. */
  readonly retainMs: number;
  /**
   * The longest time from the lease to its commit, in milliseconds, `reserveMs` for the commit
   * included; it ends with the deadline at the latest. Whoever dies keeps others waiting until then.
   */
  readonly holdMs: number;
  /**
   * The key that the outside is asked under. By default derived from `key`; another must be as
   * constant, because two keys are two effects.
   */
  readonly outsideKey?: string;
}

/** What the effect may rely on. */
export interface Outside {
  /** To be asked under: the same for everyone who ever carries this request out. */
  readonly key: string;
  /** A UUIDv8 of the request's key, for what the effect makes. */
  readonly id: string;
  /** Leaves the commit its time. From then on the recipient is asked no more. */
  readonly deadline: Deadline;
  /** Strongly consistent. */
  readonly look: (at: Address) => Promise<Item | undefined>;
}

export type Effected<E, R> =
  | { readonly done: E }
  /** It has not happened and will not, under this key. Leaves no trace. */
  | { readonly refused: R };

export interface Deciding extends Pick<Outside, 'id' | 'key'> {
  /** Which run of the decision this is, from 1: one more for every time that others got in its way. */
  readonly run: number;
}

export interface LeasedWork<E, A, R> {
  /**
   * Looks whether it is worth a lease at all: what it answers is a refusal that costs no write. It
   * stands only if nothing is under the key, read after it; else the request takes its usual way.
   */
  readonly refuseEarly?: (look: Outside['look']) => Promise<R | undefined>;
  /**
   * Asks the outside. Whatever it throws counts as *unknown*: the lease is not freed, and the next
   * attempt asks again under the same key, at once.
   */
  readonly effect: (outside: Outside) => Promise<Effected<E, R>>;
  /**
   * The answer, and the writes it leads to. It may run several times, on fresh reads.
   *
   * It may refuse only where `effect` has done nothing outside: a refusal frees the key, and what
   * has happened outside would have no record. After a commit that was sent and not answered it is
   * no refusal but an OutcomeUnknownError, because that commit may still arrive.
   */
  readonly decide: (done: E, reader: UnitReader, deciding: Deciding) => Promise<Decision<A, R>>;
}
