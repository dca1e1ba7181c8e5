/** The relay's intake under a flood, in memory; and whether the flood would tell if it leaked. */
import { describe, expect, it } from 'vitest';
import { memoryStore } from '#shared/state/memory-store.ts';
import { counterApart, withoutStatusCondition } from '../../support/relay/broken.ts';
import { flood } from '../../support/relay/flood.ts';
import type { DeskStore } from '../../support/relay/relay-desk.ts';
import { seededRandom } from '../../support/relay/seeded-random.ts';

/** Calls end out of turn now and then, and transactions are in each other's way. */
function busyStore(random: () => number): DeskStore {
  return memoryStore({
    async faults({ verb }) {
      if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      return verb === 'commit' && random() < 0.05 ? 'conflict' : undefined;
    },
  });
}

const small = (seed: number, broken: (store: DeskStore) => DeskStore = (store) => store) => {
  const random = seededRandom(seed);
  return flood({
    store: broken(busyStore(random)),
    attempts: 600,
    inFlight: 32,
    workers: 6,
    random,
    badRatio: 0.05,
    overdueMs: 10,
    reconcileEveryMs: 3,
    targetMs: 4,
  });
};

/** Of several runs, until all that are wanted were seen: who meets whom is chance, in one run nobody may. */
async function violationsOf(
  broken: (store: DeskStore) => DeskStore,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 8 && !wanted.every((each) => seen.has(each)); seed++)
    for (const each of (await small(seed, broken)).violations) seen.add(each);
  return [...seen];
}

describe('the relay under a flood', () => {
  it.each([1, 2, 3])(
    'never exceeds its bound or a share, and leaks nothing (%i)',
    { timeout: 30_000 },
    async (seed) => {
      const ended = await small(seed);
      expect(ended.violations).toEqual([]);
      expect(ended.accepted + ended.refused + ended.unknown).toBe(600);
      expect([ended.accepted > 0, ended.refused > 0]).toEqual([true, true]);
    },
  );

  it('convicts a transition that does not depend on the status', { timeout: 60_000 }, async () => {
    const mistakes = ['at rest a counter is not the number of accepted jobs'];
    expect(await violationsOf(withoutStatusCondition, mistakes)).toEqual(
      expect.arrayContaining(mistakes),
    );
  });

  it('convicts a counter that is moved outside the transaction', { timeout: 60_000 }, async () => {
    const mistakes = [
      'at rest a counter is not the number of accepted jobs',
      'a share was exceeded',
    ];
    const random = seededRandom(2);
    const apart = (store: DeskStore) => counterApart(store, { lostRatio: 0.05, random });
    expect(await violationsOf(apart, mistakes)).toEqual(expect.arrayContaining(mistakes));
  });
});
