import { describe, expect, it } from 'vitest';
import { seeded, shuffled } from '#k6/support/random.ts';

describe('what is random in a load test', () => {
  it('is the same for one seed, and other for another', () => {
    const five = (seed: number) => Array.from({ length: 5 }, seeded(seed));
    expect(five(7)).toEqual(five(7));
    expect(five(7)).not.toEqual(five(8));
    for (const each of five(7)) expect(each >= 0 && each < 1).toBe(true);
  });

  it('shuffles without losing anything, and spreads evenly', () => {
    const random = seeded(1);
    const firsts = new Map<string, number>();
    for (let times = 0; times < 4_000; times++) {
      const order = shuffled(['a', 'b', 'c', 'd'], random);
      expect([...order].sort()).toEqual(['a', 'b', 'c', 'd']);
      firsts.set(order[0] ?? '', (firsts.get(order[0] ?? '') ?? 0) + 1);
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
