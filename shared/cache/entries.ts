/** What a cache keeps, and what it forgets when it is full. */

export interface Entries<V> {
  /** Counts as a use. */
  get(key: string): V | undefined;
  /** Counts as none. */
  peek(key: string): V | undefined;
  /** A new key is a use, and puts another out where all places are taken; a known one keeps its uses. */
  set(key: string, value: V): void;
  delete(key: string): void;
  readonly size: number;
}

/**
 * - `lru`: the one that was not used for the longest time. Follows what callers want now.
 * - `lfu`: the one that was used the fewest times; of several, the one that was so for the longest
 *   time. A few favourites stay, whatever passes through once.
 */
export type Eviction = 'lru' | 'lfu';
