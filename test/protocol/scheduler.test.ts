import { describe, expect, it } from 'vitest';
import { domain } from './scenarios/requests.ts';
import { nextScript, scripted, seeded } from './scheduler/choices.ts';
import { execute, type Scenario } from './scheduler/execute.ts';
import { explore, exploreSeeds } from './scheduler/explore.ts';
import type { Violation } from './scheduler/trace.ts';
import * as subject from './subject.ts';

interface Watched {
  readonly scenario: Scenario;
  readonly orders: Set<string>;
}

/** Actors that read so many times each, and what order they did it in. */
function readers(...counts: readonly number[]): Watched {
  const orders = new Set<string>();
  const scenario: Scenario = {
    name: 'readers',
    frozenMs: 1_000,
    async start() {
      const done: string[] = [];
      return {
        actors: counts.map((count, nth) => ({
          name: `R${nth}`,
          async act({ name, store }) {
            for (let i = 0; i < count; i++) {
              await store.read(domain('a')).catch(() => {});
              done.push(name);
            }
          },
        })),
        audit: () => {
          orders.add(done.join(' '));
          return [];
        },
        state: () => done.length,
      };
    },
  };
  return { scenario, orders };
}

/** Two who each add one to what they read: the race that every scheduler must find. */
const lostUpdate: Scenario = {
  name: 'lost update',
  frozenMs: 1_000,
  async start({ store }) {
    const count = () => Number(store.items('domain')[0]?.['count'] ?? 0);
    return {
      actors: ['A', 'B'].map((name) => ({
        name,
        async act(self) {
          const before = Number((await self.store.read(domain('a')))?.['count'] ?? 0);
          await self.store.write({ put: { count: before + 1 }, at: domain('a') });
        },
      })),
      audit: (): readonly Violation[] =>
        count() === 2 ? [] : [{ never: 'a lost update', because: `${count()} of 2` }],
      state: count,
    };
  },
};

describe('the scheduler', () => {
  it.each([
    [[2, 2], 6],
    [[3, 3], 20],
    [[2, 2, 2], 90],
  ])('runs actors of %j calls in all %d orders', async (counts, orders) => {
    const watched = readers(...counts);
    const { schedules } = await explore(watched.scenario, { subject, faults: 0 });
    expect(schedules).toBe(orders);
    expect(watched.orders.size).toBe(orders);
  });

  it('strikes each call with each of its faults, and one fault at most', async () => {
    const { scenario } = readers(2);
    // Two calls, each lost or followed by death; nobody freezes alone.
    expect((await explore(scenario, { subject, faults: 1 })).schedules).toBe(1 + 2 + 2);
  });

  it('comes to the same end by states as by orders', async () => {
    for (const states of [false, true]) {
      const { found } = await explore(lostUpdate, {
        subject,
        faults: 0,
        states,
        until: () => false,
      });
      expect(found.map(({ violation }) => violation.never)).toEqual(['a lost update']);
    }
  });

  it('shows who did what, what was broken, and how to have it again', async () => {
    const { found } = await explore(lostUpdate, { subject, faults: 0 });
    expect(found[0]?.text).toMatchInlineSnapshot(`
      "lost update

          1  A  reads domain a
                  → nothing there
          2  B  reads domain a
                  → nothing there
          3  B  writes: put domain a
                  → done
          4  A  writes: put domain a
                  → done

      NEVER a lost update: 1 of 2
      again: HOLDFAST_SCHEDULE='lost update: 0: 0.1.0' npm test -- --project protocol
      "
    `);
  });

  it('runs the same under the same seed, and otherwise under another', async () => {
    const choicesOf = async (seed: number) => {
      const choices = seeded(seed);
      await execute(readers(4, 4).scenario, { subject, choices, faults: 2 });
      return choices.taken.join();
    };
    expect(await choicesOf(7)).toBe(await choicesOf(7));
    expect(new Set(await Promise.all([1, 2, 3, 4].map(choicesOf))).size).toBeGreaterThan(1);
  });

  it('finds a race by seeds and names the seed', async () => {
    const seeds = Array.from({ length: 20 }, (_, i) => i);
    const { found } = await exploreSeeds(lostUpdate, { subject, faults: 0, seeds });
    expect(found[0]?.text).toMatch(/again: HOLDFAST_SEED=\d+ npm test/);
  });

  it('does what arrives late after its caller heard a timeout, and lets the dead do nothing', async () => {
    const heard: string[] = [];
    const late: Scenario = {
      name: 'late',
      frozenMs: 1_000,
      only: ['arrive-late', 'crash'],
      async start({ store }) {
        return {
          actors: [
            {
              name: 'A',
              async act(self) {
                await self.store
                  .write({ put: {}, at: domain('a') })
                  .catch((error: Error) => heard.push(error.name));
                await self.store.write({ put: {}, at: domain('b') }).catch(() => {});
              },
            },
          ],
          audit: () => {
            heard.push(
              store
                .items('domain')
                .map(({ pk }) => pk)
                .join(),
            );
            return [];
          },
          state: () => heard,
        };
      },
    };
    await explore(late, { subject, faults: 1 });
    // Undisturbed; the first late: after the second or at the very end; dead after the first; …
    expect(new Set(heard)).toEqual(new Set(['a,b', 'TimeoutError', 'b,a', 'a']));
  });

  it('says who waits for something that it cannot see', async () => {
    const astray: Scenario = {
      name: 'astray',
      frozenMs: 1,
      start: async () => ({
        actors: [{ name: 'A', act: () => new Promise(() => {}) }],
        audit: () => [],
        state: () => 0,
      }),
    };
    await expect(explore(astray, { subject, faults: 0 })).rejects.toThrow('A waits for something');
  });

  it('tries every script once, depth first', () => {
    const scripts: string[] = [];
    let script: readonly number[] | undefined = [];
    while (script) {
      const choices = scripted(script);
      const wide = [{ isFault: false }, { isFault: false }];
      if (choices.choose(wide) === 0) choices.choose(wide);
      scripts.push(choices.taken.join(''));
      script = nextScript(choices);
    }
    expect(scripts).toEqual(['00', '01', '1']);
  });
});
