/**
 * A cache in the memory of its environment: `get` answers what is remembered, or loads it once for
 * all who ask meanwhile. What happens elsewhere reaches it by the versions of its tags.
 *
 * Values are handed out as they are, to many: nobody may change one.
 */
import { assertRemaining, type Deadline } from '../deadline/deadline.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { Entries, Eviction } from './entries.ts';
import { type Entry, isWithin, outranks, verdictOf } from './entry.ts';
import { lfuEntries } from './lfu.ts';
import { type LifetimePolicy, lifetimes, phaseOf, servesOnError } from './lifetime.ts';
import { singleLoads, until } from './loads.ts';
import { lruEntries } from './lru.ts';
import { covers, type TagVersions, type Versions } from './tag-versions.ts';

/**
 * - `hit`, `negative`: from memory; `negative` is the knowledge that there is nothing.
 * - `stale`: from memory, past its fresh time, or instead of what could not be had.
 * - `miss`: loaded, for this caller or for one who came before.
 */
export type Outcome = 'hit' | 'negative' | 'stale' | 'miss';

export interface Found<V> {
  /** Undefined: there is nothing. */
  readonly value: V | undefined;
  readonly outcome: Outcome;
  /** Since its load began. */
  readonly ageMs: number;
}

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
  /** Least time between a load that failed and the next, while an old value answers. Default 1,000. */
  readonly retryEveryMs?: number;
  /** Which cache it is, in events. */
  readonly subject?: string;
  /** Is told of every lookup by its outcome, or as `failed`; of every `load-failed` and `tags-unknown`. */
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface Lookup {
  /** What the value depends on. The same for every lookup of a key. */
  readonly tags?: readonly string[];
  /** Ends this caller's waiting. The load goes on, for others and for whoever comes next. */
  readonly deadline?: Deadline;
  /** Is given the refresh behind a stale answer. It never rejects. */
  readonly onRefresh?: (refreshed: Promise<void>) => void;
}

/** Answers undefined for "there is nothing". What it throws is not remembered. */
type LoadValue<V> = () => Promise<V | undefined>;

export interface Cache<V> {
  /**
   * @throws what `load` or the look at the tags throws, where no old value may stand in;
   *   DeadlineExceededError; RangeError for tags without `tagVersions`
   */
  get(key: string, load: LoadValue<V>, lookup?: Lookup): Promise<Found<V>>;
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
  const entries: Entries<Entry<V>> = (eviction === 'lfu' ? lfuEntries : lruEntries)(maxEntries);
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

  async function look(key: string, tags: readonly string[]): Promise<Versions> {
    if (tags.length === 0) return new Map();
    if (!tagVersions) throw new RangeError(`tags need tagVersions, got ${tags.length} without`);
    const atMs = now();
    const known = entries.peek(key);
    if (known && isWithin(atMs, known.checkedAtMs, trustTagsMs)) return known.versions;
    const seen = await tagVersions.versions(tags);
    const entry = entries.peek(key);
    if (entry && covers(entry.versions, seen))
      entry.checkedAtMs = Math.max(entry.checkedAtMs, atMs);
    return seen;
  }

  function keep(key: string, loaded: Entry<V>): void {
    const nowMs = now();
    const held = entries.peek(key);
    if (held && outranks(held, loaded, nowMs)) return;
    if (phaseOf(loaded, nowMs) === 'over') entries.delete(key);
    else entries.set(key, loaded);
  }

  const loading = (key: string, seen: Versions, load: LoadValue<V>) =>
    loadOf(key, seen, async ({ versions, beganAtMs }) => {
      try {
        const value = await load();
        const lifetime = lifetimeOf({ beganAtMs, isNothing: value === undefined });
        const times = { ...lifetime, checkedAtMs: beganAtMs, failedAtMs: Number.NEGATIVE_INFINITY };
        const entry: Entry<V> = { ...times, value, versions };
        keep(key, entry);
        return entry;
      } catch (error) {
        const old = entries.peek(key);
        if (old) old.failedAtMs = now();
        tell('load-failed', 'warning', error);
        throw error;
      }
    }).done;

  /** What was seen of the tags decides; where nothing could be seen, only time does. */
  function insteadOf(error: unknown, key: string, seen: Versions = new Map()): Found<V> {
    const old = entries.peek(key);
    if (old && servesOnError(old, now()) && covers(old.versions, seen)) return found(old, 'stale');
    throw error;
  }

  async function lookUp(key: string, load: LoadValue<V>, lookup: Lookup): Promise<Found<V>> {
    let seen: Versions;
    try {
      seen = await look(key, lookup.tags ?? []);
    } catch (error) {
      tell('tags-unknown', 'warning', error);
      return insteadOf(error, key);
    }
    const entry = entries.get(key);
    const verdict = verdictOf(entry, { nowMs: now(), seen, retryEveryMs });
    if (!entry || verdict === 'load')
      return loading(key, seen, load).then(
        (loaded) => found(loaded, 'miss'),
        (error) => insteadOf(error, key, seen),
      );
    if (verdict === 'answer') return found(entry, entry.value === undefined ? 'negative' : 'hit');
    if (verdict === 'answer-and-refresh') {
      const refreshed = loading(key, seen, load);
      lookup.onRefresh?.(
        refreshed.then(
          () => {},
          () => {},
        ),
      );
    }
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
