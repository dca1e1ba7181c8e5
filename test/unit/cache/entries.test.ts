/** Both evictions against models that are slow and plain. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entries, Eviction } from '#shared/cache/entries.ts';
import { lfuEntries } from '#shared/cache/lfu.ts';
import { lruEntries } from '#shared/cache/lru.ts';

interface Value {
  readonly n: number;
}

interface Place {
  readonly key: string;
  value: Value;
  uses: number;
  /** The turn in which it came to have so many uses. */
  since: number;
  usedAt: number;
}

/** Looks through everything, every time. */
function naive(eviction: Eviction, maxEntries: number) {
  let places: Place[] = [];
  let turn = 0;
  const find = (key: string) => places.find((place) => place.key === key);
  const first = (a: Place, b: Place) =>
    eviction === 'lru' ? a.usedAt - b.usedAt : a.uses - b.uses || a.since - b.since;
  return {
    get(key: string) {
      turn += 1;
      const place = find(key);
      if (place) Object.assign(place, { uses: place.uses + 1, since: turn, usedAt: turn });
      return place?.value;
    },
    peek: (key: string) => find(key)?.value,
    set(key: string, value: Value) {
      turn += 1;
      const place = find(key);
      if (place) {
        Object.assign(place, { value, usedAt: turn });
        return;
      }
      if (places.length === maxEntries) {
        const [out] = places.toSorted(first);
        places = places.filter((other) => other !== out);
      }
      places.push({ key, value, uses: 1, since: turn, usedAt: turn });
    },
    delete(key: string) {
      places = places.filter((place) => place.key !== key);
    },
    size: () => places.length,
  };
}

const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
const step = fc.record({
  verb: fc.constantFrom('get', 'get', 'set', 'set', 'peek', 'delete'),
  key: fc.constantFrom(...keys),
});

const kinds: readonly [Eviction, (maxEntries: number) => Entries<Value>][] = [
  ['lru', lruEntries],
  ['lfu', lfuEntries],
];

describe.each(kinds)('%s', (eviction, make) => {
  it('holds, finds and puts out what its model does, whatever is done to it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        (maxEntries, steps) => {
          const [entries, model] = [make(maxEntries), naive(eviction, maxEntries)];
          for (const [n, { verb, key }] of steps.entries()) {
            if (verb === 'get') expect(entries.get(key)).toEqual(model.get(key));
            if (verb === 'set') for (const each of [entries, model]) each.set(key, { n });
            if (verb === 'delete') for (const each of [entries, model]) each.delete(key);
            expect(keys.map(entries.peek)).toEqual(keys.map(model.peek));
            expect(entries.size).toBe(model.size());
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what passes through once', () => {
  const scanned = (entries: Entries<Value>) => {
    entries.set('favourite', { n: 0 });
    for (let uses = 0; uses < 3; uses++) entries.get('favourite');
    for (let n = 1; n <= 100; n++) entries.set(`once-${n}`, { n });
    return entries.peek('favourite');
  };

  it('puts a favourite out of lru, and not out of lfu', () => {
    expect(scanned(lruEntries(3))).toBeUndefined();
    expect(scanned(lfuEntries(3))).toEqual({ n: 0 });
  });
});
