/** What holds of a cache in every order of things. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cache } from '#shared/cache/cache.ts';
import { tagVersions } from '#shared/cache/tag-versions.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const tags = ['t'];

describe('in every order of its steps, a cache', () => {
  it('loads once for all who ask at the same time, and answers all alike', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 6 }), async (s, callers) => {
        let loads = 0;
        const store = memoryStore({ faults: () => s.schedule(Promise.resolve(undefined)) });
        const { get } = cache<number>({
          freshMs: 60_000,
          maxEntries: 10,
          tagVersions: tagVersions({ store }),
        });
        const load = () => s.schedule(Promise.resolve(++loads));
        const all = Array.from({ length: callers }, () => get('key', load, { tags }));
        const answers = await s.waitFor(Promise.all(all));
        expect(answers.map(({ value }) => value)).toEqual(all.map(() => 1));
        expect(loads).toBe(1);
      }),
    ));

  it('answers nothing that was read before a bump that ended before the question', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('read', 'read', 'write'), { minLength: 2, maxLength: 8 }),
        fc.constantFrom('lru', 'lfu'),
        async (s, steps, eviction) => {
          const truth = { written: 0, bumped: 0 };
          const store = memoryStore({ faults: () => s.schedule(Promise.resolve(undefined)) });
          const versions = tagVersions({ store });
          const { get } = cache<number>({
            freshMs: 60_000,
            staleMs: 60_000,
            staleIfErrorMs: 60_000,
            maxEntries: 10,
            eviction: eviction as 'lru' | 'lfu',
            tagVersions: versions,
          });
          const load = async () => {
            await s.schedule(Promise.resolve('asked'));
            const read = truth.written;
            await s.schedule(Promise.resolve('answered'));
            return read;
          };
          const write = async () => {
            truth.written += 1;
            const written = truth.written;
            await versions.bump(tags);
            truth.bumped = Math.max(truth.bumped, written);
          };
          const read = async () => {
            const known = truth.bumped;
            const { value } = await get('key', load, { tags });
            expect(value).toBeGreaterThanOrEqual(known);
          };
          const begin = (step: string) =>
            s.schedule(Promise.resolve()).then(step === 'read' ? read : write);
          await s.waitFor(Promise.all(steps.map(begin)));
          await s.waitFor(read());
        },
      ),
      { numRuns: 400 },
    ));
});

type Step =
  | { readonly do: 'ask'; readonly takesMs: number; readonly fails: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'change' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('ask'), takesMs: fc.nat(60), fails: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: -20, max: 150 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change') }) },
) as fc.Arbitrary<Step>;

describe('at every time, a cache', () => {
  it.each([
    ['without an error', 0],
    ['instead of an error', 300],
  ])('answers nothing older than it may be %s, and knows how old it is', (_, staleIfErrorMs) =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const [freshMs, staleMs, negativeMs] = [100, 50, 70];
        const clock = { nowMs: 1_000_000 };
        const source = { isThere: true };
        const { get } = cache<{ readonly readAtMs: number }>({
          freshMs,
          staleMs,
          staleIfErrorMs,
          negativeMs,
          maxEntries: 1,
          retryEveryMs: 10,
          now: () => clock.nowMs,
        });
        for (const each of steps) {
          if (each.do === 'wait') clock.nowMs += each.ms;
          if (each.do === 'change') source.isThere = !source.isThere;
          if (each.do !== 'ask') continue;
          let loading = false;
          const load = async () => {
            expect(loading).toBe(false);
            loading = true;
            const readAtMs = clock.nowMs;
            clock.nowMs += each.takesMs;
            loading = false;
            if (each.fails) throw new Error('down');
            return source.isThere ? { readAtMs } : undefined;
          };
          let refreshed: Promise<void> | undefined;
          const askedAtMs = clock.nowMs;
          const found = await get('key', load, { onRefresh: (r) => (refreshed = r) }).catch(
            () => undefined,
          );
          if (found?.value && found.outcome !== 'miss') {
            expect(askedAtMs - found.value.readAtMs).toBeLessThan(
              freshMs + Math.max(staleMs, staleIfErrorMs),
            );
            if (!refreshed) expect(found.ageMs).toBe(clock.nowMs - found.value.readAtMs);
          }
          if (found?.outcome === 'negative') expect(found.ageMs).toBeLessThan(negativeMs);
          if (found?.outcome === 'hit') expect(found.ageMs).toBeLessThan(freshMs);
          await refreshed;
        }
      }),
      { numRuns: 300 },
    ),
  );
});
