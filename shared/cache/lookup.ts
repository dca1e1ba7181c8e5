/** What is asked of a cache, and what it answers. */
import type { Deadline } from '../deadline/deadline.ts';

/**
 * - `hit`, `negative`: from memory; `negative` is the knowledge that there is nothing.
 * - `stale`: from memory, past its fresh time, or instead of what could not be had.
 * - `miss`: loaded, for this caller or for one who came before.
 * - `unkept`: loaded likewise, and not remembered, as its tags could not be read.
 */
export type Outcome = 'hit' | 'negative' | 'stale' | 'miss' | 'unkept';

export interface Found<V> {
  /** Undefined: there is nothing. */
  readonly value: V | undefined;
  readonly outcome: Outcome;
  /** Since its load began. */
  readonly ageMs: number;
}

export interface Lookup {
  /** What the value depends on. The same for every lookup of a key. */
  readonly tags?: readonly string[];
  /** Ends this caller's waiting. The load goes on, for others and for whoever comes next. */
  readonly deadline?: Deadline;
  /** Is given the refresh behind a stale answer. It never rejects. */
  readonly onRefresh?: (refreshed: Promise<void>) => void;
}

/** Answers undefined for "there is nothing". */
export type LoadValue<V> = () => Promise<V | undefined>;

export interface Cache<V> {
  /**
   * @throws what `load` throws, now or a moment ago, where no old value may stand in;
   *   DeadlineExceededError; RangeError for tags without `tagVersions`
   */
  get(key: string, load: LoadValue<V>, lookup?: Lookup): Promise<Found<V>>;
}
