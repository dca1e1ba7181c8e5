import { describe, expect, it } from 'vitest';
import { claim } from '#shared/lease/claim.ts';
import { LeaseLostError } from '#shared/lease/heartbeat.ts';
import { mutex } from '#shared/lease/mutex.ts';
import { leasing } from './support.ts';

const parts = ['p0', 'p1', 'p2', 'p3'];
const always = () => true;

function sweepers() {
  const world = leasing();
  const sweeper = (random: () => number) =>
    claim({ random, mutex: mutex({ leases: world.leases, store: world.store, holdMs: 9_000 }) });
  return { ...world, sweeper };
}

describe('a claim', () => {
  it('works on every part that nobody holds, and skips the others', async () => {
    const { sweeper, leases: held } = sweepers();
    await held.acquire('p2', { holdMs: 9_000 });
    const { done, skipped, left } = await sweeper(() => 0)({
      parts,
      hasTime: always,
      work: async (part) => part.toUpperCase(),
    });
    expect(done.map(({ result }) => result).sort()).toEqual(['P0', 'P1', 'P3']);
    expect({ skipped, left }).toEqual({ skipped: ['p2'], left: [] });
  });

  it('is shared: no part is worked on by two at a time, and none is left out', async () => {
    const { sweeper } = sweepers();
    const at = new Map<string, number>();
    const seen: string[] = [];
    const work = async (part: string) => {
      at.set(part, (at.get(part) ?? 0) + 1);
      expect(at.get(part)).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      at.set(part, 0);
      seen.push(part);
    };
    let seed = 1;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    await Promise.all(
      Array.from({ length: 5 }, () => sweeper(random)({ parts, hasTime: always, work })),
    );
    expect([...new Set(seen)].sort()).toEqual(parts);
  });

  it('begins each run with another part', async () => {
    const { sweeper } = sweepers();
    const first: string[] = [];
    for (const random of [0, 0.3, 0.6, 0.99]) {
      const order: string[] = [];
      await sweeper(() => random)({
        parts,
        hasTime: always,
        work: async (part) => void order.push(part),
      });
      expect(order.toSorted()).toEqual(parts);
      first.push(order[0] ?? '');
    }
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it('leaves what there is no time for', async () => {
    const { sweeper } = sweepers();
    let left = 1;
    const pulled = await sweeper(() => 0.99)({
      parts,
      hasTime: () => left-- > 0,
      work: async () => {},
    });
    expect([pulled.done.length, pulled.left.length]).toEqual([1, 3]);
  });

  it('goes on after a part that fails, and then says so', async () => {
    const { sweeper, store } = sweepers();
    const seen: string[] = [];
    const pulled = sweeper(() => 0.99)({
      parts,
      hasTime: always,
      async work(part) {
        seen.push(part);
        if (part === 'p1') throw new Error('of p1');
      },
    });
    await expect(pulled).rejects.toMatchObject({ errors: [new Error('of p1')] });
    expect(seen.toSorted()).toEqual(parts);
    expect(store.items('lease').every(({ owner }) => owner === null)).toBe(true);
  });

  it('counts a part that was taken over as another’s', async () => {
    const { sweeper } = sweepers();
    const { skipped } = await sweeper(() => 0)({
      parts: ['p0'],
      hasTime: always,
      work: async () => Promise.reject(new LeaseLostError('taken over')),
    });
    expect(skipped).toEqual(['p0']);
  });
});
