import { describe, expect, it } from 'vitest';
import { memoryStore } from '#shared/state/memory-store.ts';
import { keepNewest } from '#shared/worker/last-seq.ts';

const at = { table: 'domain', key: { pk: 'last', sk: 'thing/1' } };

function* permutations<T>(of: readonly T[]): Generator<readonly T[]> {
  if (of.length === 0) yield [];
  for (const [i, first] of of.entries())
    for (const rest of permutations(of.toSpliced(i, 1))) yield [first, ...rest];
}

const kept = (seq: number) => keepNewest({ at, kept: undefined, seq, put: { said: `v${seq}` } });

describe('keeping the newest event', () => {
  it('ends alike for all 720 orders of six events, and never goes back', async () => {
    let orders = 0;
    for (const order of permutations([1, 2, 3, 4, 5, 6])) {
      const store = memoryStore();
      let highest = 0;
      for (const seq of order) {
        const write = keepNewest({ at, kept: await store.read(at), seq, put: { said: `v${seq}` } });
        expect(write === undefined).toBe(seq < highest);
        if (write) expect(await store.write(write)).toEqual({ applied: true });
        highest = Math.max(highest, seq);
        expect(await store.read(at)).toEqual({ ...at.key, lastSeq: highest, said: `v${highest}` });
      }
      orders++;
    }
    expect(orders).toBe(720);
  });

  it('holds when all look first and write later, in any order: whoever is late is refused', async () => {
    for (const order of permutations([2, 3, 4])) {
      const store = memoryStore();
      await store.write({ put: { lastSeq: 1, said: 'v1' }, at });
      const seen = await store.read(at);
      let highest = 1;
      for (const seq of order) {
        const write = keepNewest({ at, kept: seen, seq, put: { said: `v${seq}` } });
        const written = write && (await store.write(write));
        expect(written?.applied).toBe(seq > highest);
        highest = Math.max(highest, seq);
      }
      expect(await store.read(at)).toMatchObject({ lastSeq: 4, said: 'v4' });
    }
  });

  it('lets one of two be the first that is kept', async () => {
    const store = memoryStore();
    const [one, two] = [kept(1), kept(2)];
    expect(one && (await store.write(one))).toEqual({ applied: true });
    expect(two && (await store.write(two))).toMatchObject({ applied: false });
  });

  it('takes the same event again for one that is not newer', () => {
    expect(keepNewest({ at, kept: { lastSeq: 3 }, seq: 3, put: {} })).toBeUndefined();
  });

  it('overwrites nothing that is not its own', () => {
    expect(() => keepNewest({ at, kept: { version: 1 }, seq: 3, put: {} })).toThrow(TypeError);
  });
});
