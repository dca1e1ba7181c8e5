/** What an environment remembers of the numbers that it has seen in the store. */
import { boundedMap } from './bounded-map.ts';
import type { BucketState } from './bucket-item.ts';

export interface SeenNumber extends BucketState {
  readonly atMs: number;
}

export interface Seen {
  get(key: string): SeenNumber | undefined;
  /** To be called before the store is: what it answers is learned as of now. */
  begin(): number;
  learn(key: string, seen: SeenNumber, begunAt: number): void;
}

/**
 * Answers to calls that were under way together arrive in any order, and refunds make the number
 * smaller: of two such answers the one after more writes is the newer. A call that began when the last answer
 * was known is newer in any case, also where its item began anew.
 */
export function seenNumbers(maxKeys: number): Seen {
  const numbers = boundedMap<SeenNumber & { readonly heardAt: number }>(maxKeys);
  let heard = 0;
  return {
    get: numbers.get,
    begin: () => heard,
    learn(key, seen, begunAt) {
      const last = numbers.get(key);
      if (last && begunAt < last.heardAt && seen.writes < last.writes) return;
      numbers.set(key, { ...seen, heardAt: ++heard });
    },
  };
}
