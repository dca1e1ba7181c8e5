/** What one cache has in memory: what it has loaded, and which loads have failed a moment ago. */
import type { Entries, Eviction } from './entries.ts';
import { type Entry, isWithin, outranks } from './entry.ts';
import { lfuEntries } from './lfu.ts';
import { phaseOf } from './lifetime.ts';
import { lruEntries } from './lru.ts';
import { covers, type Versions } from './tag-versions.ts';

export interface MemoryOptions {
  readonly maxEntries: number;
  readonly eviction: Eviction;
  /** For so long a failure is remembered. */
  readonly retryEveryMs: number;
  readonly now: () => number;
}

export interface Failure {
  readonly atMs: number;
  readonly error: unknown;
}

export function memory<V>({ maxEntries, eviction, retryEveryMs, now }: MemoryOptions) {
  const entries: Entries<Entry<V>> = (eviction === 'lfu' ? lfuEntries : lruEntries)(maxEntries);
  const failures = lruEntries<Failure>(maxEntries);

  return {
    get: entries.get,
    peek: entries.peek,

    /** At that time the tags had these versions, so an entry that knows them still stood. */
    confirm(key: string, seen: Versions, atMs: number): void {
      const entry = entries.peek(key);
      if (entry && covers(entry.versions, seen))
        entry.checkedAtMs = Math.max(entry.checkedAtMs, atMs);
    },

    keep(key: string, loaded: Entry<V>): void {
      const nowMs = now();
      const held = entries.peek(key);
      if (held && outranks(held, loaded, nowMs)) return;
      if (phaseOf(loaded, nowMs) === 'over') entries.delete(key);
      else entries.set(key, loaded);
    },

    succeeded: (key: string): void => failures.delete(key),
    failed: (key: string, error: unknown): void => failures.set(key, { atMs: now(), error }),

    /** Of the last load of the key, if that is so short ago that none should be begun yet. */
    failureOf(key: string): Failure | undefined {
      const failure = failures.get(key);
      return failure && isWithin(now(), failure.atMs, retryEveryMs) ? failure : undefined;
    },
  };
}
