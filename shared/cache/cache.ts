/**
 * A cache in the memory of its environment: `get` answers what is remembered, or loads it once for
 * all who ask meanwhile. What happens elsewhere reaches it by the versions of its tags.
 *
 * Values are handed out as they are, to many: nobody may change one.
 */
import { assertRemaining } from '../deadline/deadline.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { Eviction } from './entries.ts';
import { type Entry, isWithin, verdictOf } from './entry.ts';
import { type LifetimePolicy, lifetimes, servesOnError } from './lifetime.ts';
import { singleLoads, until } from './loads.ts';
import type { Cache, Found, LoadValue, Lookup, Outcome } from './lookup.ts';
import { memory } from './memory.ts';
import { covers, noVersions, type TagVersions, type Versions } from './tag-versions.ts';

export interface CacheOptions extends LifetimePolicy {
  /** Beyond it, one goes for each that comes. A whole number from 1. */
  readonly maxEntries: number;
  /** Default `lru`. */
  readonly eviction?: Eviction;
  /** Needed by lookups with tags. */
  readonly tagVersions?: TagVersions;
  /** For so long after a look at its tags an entry is answered without another: a bump is noticed
   *  that much later. Default 0: each lookup looks. */
  readonly trustTagsMs?: number;
  /** Newcomers do not wait for a load that takes longer; they begin another. Default 10,000. */
  readonly maxLoadMs?: number;
  /** Least time between a load of a key that failed and the next: meanwhile an old value answers, or
   *  else the same error. Default 1,000. */
  readonly retryEveryMs?: number;
  /** Which cache it is, in events. */
  readonly subject?: string;
  /** Is told of every lookup by its outcome, or as `failed`; of every `load-failed` and `tags-unknown`. */
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** @throws RangeError for an option that makes no sense. */
export function cache<V>({
  maxEntries,
  eviction = 'lru',
  tagVersions,
  trustTagsMs = 0,
  maxLoadMs = 10_000,
  retryEveryMs = 1_000,
  subject = 'cache',
  listen = silent,
  now = Date.now,
  random = Math.random,
  ...policy
}: CacheOptions): Cache<V> {
  assertWhole({ maxEntries, maxLoadMs }, 1);
  assertWhole({ trustTagsMs, retryEveryMs }, 0);
  const lifetimeOf = lifetimes(policy, random);
  const remembered = memory<V>({ maxEntries, eviction, retryEveryMs, now });
  const loadOf = singleLoads<Entry<V>>({ maxLoadMs, now });

  const tell = (happened: string, severity: 'info' | 'warning', error?: unknown) =>
    listen({
      pattern: 'cache',
      happened,
      subject,
      severity,
      ...(error !== undefined && {
        facts: { error: error instanceof Error ? error.name : 'unknown' },
      }),
    });

  const found = ({ value, beganAtMs }: Entry<V>, outcome: Outcome): Found<V> => ({
    value,
    outcome,
    ageMs: Math.max(0, now() - beganAtMs),
  });

  /** @returns undefined where they cannot be read. */
  async function look(key: string, tags: readonly string[]): Promise<Versions | undefined> {
    if (tags.length === 0) return noVersions;
    if (!tagVersions) throw new RangeError(`tags need tagVersions, got ${tags.length} without`);
    const atMs = now();
    const known = remembered.peek(key);
    if (known && isWithin(atMs, known.checkedAtMs, trustTagsMs)) return known.versions;
    try {
      const seen = await tagVersions.versions(tags);
      remembered.confirm(key, seen, atMs);
      return seen;
    } catch (error) {
      tell('tags-unknown', 'warning', error);
      return undefined;
    }
  }

  /** Without `seen` nobody could tell later whether it still stands: then it is not kept. */
  const loading = (key: string, load: LoadValue<V>, seen?: Versions): Promise<Entry<V>> =>
    loadOf(key, seen ?? noVersions, async ({ versions, beganAtMs }) => {
      const failure = remembered.failureOf(key);
      if (failure) throw failure.error;
      try {
        const value = await load();
        const lifetime = lifetimeOf({ beganAtMs, isNothing: value === undefined });
        const entry: Entry<V> = { ...lifetime, checkedAtMs: beganAtMs, value, versions };
        remembered.succeeded(key);
        if (seen) remembered.keep(key, entry);
        return entry;
      } catch (error) {
        remembered.failed(key, error);
        tell('load-failed', 'warning', error);
        throw error;
      }
    }).done;

  /** What was seen of the tags decides; where nothing could be seen, only time does. */
  function standIn(key: string, seen = noVersions): Found<V> | undefined {
    const old = remembered.peek(key);
    if (old && servesOnError(old, now()) && covers(old.versions, seen)) return found(old, 'stale');
    return undefined;
  }

  async function lookUp(key: string, load: LoadValue<V>, lookup: Lookup): Promise<Found<V>> {
    const seen = await look(key, lookup.tags ?? []);
    if (!seen) return standIn(key) ?? found(await loading(key, load), 'unkept');
    const entry = remembered.get(key);
    const verdict = verdictOf(entry, { nowMs: now(), seen });
    if (!entry || verdict === 'load')
      return loading(key, load, seen).then(
        (loaded) => found(loaded, 'miss'),
        (error) => {
          const old = standIn(key, seen);
          if (old) return old;
          throw error;
        },
      );
    if (verdict === 'answer') return found(entry, entry.value === undefined ? 'negative' : 'hit');
    const refreshed = loading(key, load, seen);
    lookup.onRefresh?.(
      refreshed.then(
        () => {},
        () => {},
      ),
    );
    return found(entry, 'stale');
  }

  return {
    async get(key, load, lookup = {}) {
      const { deadline } = lookup;
      try {
        if (deadline) assertRemaining(deadline, 1, 'look it up');
        const looking = lookUp(key, load, lookup);
        const answer = await (deadline ? until(deadline, looking) : looking);
        tell(answer.outcome, 'info');
        return answer;
      } catch (error) {
        tell('failed', 'info');
        throw error;
      }
    },
  };
}
