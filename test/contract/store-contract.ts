/** What every store must answer. Run over each by the files beside it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  applied,
  type Condition,
  holds,
  type Item,
  type Write,
} from '#shared/state/items.ts';
import {
  type ItemWriter,
  type RangeReader,
  TransactionInvalidError,
  type TransactionStore,
} from '#shared/state/store.ts';

export type Store = TransactionStore & ItemWriter & RangeReader;

const newKey = () => `contract#${crypto.randomUUID()}`;

export function storeContract(newStore: () => Store): void {
  const store = newStore();
  const address = (pk = newKey(), sk = 'a'): Address => ({ table: 'domain', key: { pk, sk } });
  const commit = (...writes: Write[]) => store.commit({ token: crypto.randomUUID(), writes });

  describe('one write', () => {
    const conditions: readonly [string, Condition][] = [
      ['absent', { absent: true }],
      ['lapsed at 1000', { lapsedAtMs: 1_000 }],
      ['present', { where: {} }],
      ['version equals 3', { where: { version: { equals: 3 } } }],
      ['name equals text', { where: { name: { equals: 'lamp' } } }],
      ['stock at least 5', { where: { stock: { atLeast: 5 } } }],
      ['stock below 5', { where: { stock: { below: 5 } } }],
      ['stock from 4 to below 5', { where: { stock: { atLeast: 4, below: 5 } } }],
      ['no item, or stock below 5', { absentOr: { stock: { below: 5 } } }],
      ['no item, or any', { absentOr: {} }],
      [
        'version 3 and stock at least 5',
        { where: { version: { equals: 3 }, stock: { atLeast: 5 } } },
      ],
    ];
    const states: readonly (Item | undefined)[] = [
      undefined,
      {},
      { expiresAtMs: 1_000 },
      { expiresAtMs: 1_001 },
      { version: 3, stock: 5, name: 'lamp' },
      { version: 3, stock: 4 },
      { version: 4, stock: 5 },
      { stock: 'many', version: '3' },
    ];
    const changes: readonly ((at: Address) => Write)[] = [
      (at) => ({ put: { fresh: true, list: [1, 'two', { three: null }] }, at }),
      (at) => ({ set: { name: 'desk' }, add: { stock: -1, seen: 1 }, at }),
      (at) => ({ remove: true, at }),
    ];
    const cases = conditions.flatMap(([name, when]) =>
      states.map((state) => ({ name, when, state, text: JSON.stringify(state) ?? 'no item' })),
    );

    it.each(cases)(
      '$name, where $text stands, decides as its meaning says',
      async ({ when, state }) => {
        for (const change of changes) {
          // A number cannot be added to text; no pattern does.
          if (typeof state?.['stock'] === 'string' && 'add' in change(address())) continue;
          const at = address();
          if (state) await store.write({ put: state, at });
          const before = await store.read(at);
          const write = { ...change(at), when } as Write;

          const answer = await store.write(write);

          if (holds(when, before)) {
            expect(answer).toEqual({ applied: true });
            expect(await store.read(at)).toEqual(applied(write, before));
          } else {
            expect(answer).toEqual({ applied: false, ...(before && { item: before }) });
            expect(await store.read(at)).toEqual(before);
          }
        }
      },
    );

    it('answers with the item as it stands now, where that is asked for', async () => {
      const at = address();
      const asked = { returnItem: true };
      expect(await store.write({ put: { n: 1, name: 'desk' }, at }, asked)).toEqual({
        applied: true,
        item: { n: 1, name: 'desk', ...at.key },
      });
      expect(await store.write({ add: { n: 2 }, at }, asked)).toEqual({
        applied: true,
        item: { n: 3, name: 'desk', ...at.key },
      });
      expect(await store.write({ set: { n: 9 }, at, when: { absent: true } }, asked)).toEqual({
        applied: false,
        item: { n: 3, name: 'desk', ...at.key },
      });
      expect(await store.write({ remove: true, at }, asked)).toEqual({ applied: true });
    });

    it('keeps texts, whole numbers, booleans, nulls, lists and maps as they are', () => {
      const scalar = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
      const map = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), scalar, {
        noNullPrototype: true,
      });
      const value = fc.oneof(scalar, fc.array(scalar), map);
      return fc.assert(
        fc.asyncProperty(fc.record({ value, other: value }), async (item) => {
          const at = address();
          await store.write({ put: item, at });
          expect(await store.read(at)).toEqual({ ...item, ...at.key });
        }),
        { numRuns: 25 },
      );
    });

    it('admits exactly one of twenty that create the same item at once', async () => {
      const at = address();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.write({ put: { n }, at, when: { absent: true } }),
        ),
      );
      expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    });
  });

  describe('a transaction', () => {
    it('writes all its items, of every kind', async () => {
      const [put, update, remove, check] = [address(), address(), address(), address()];
      for (const at of [update, remove, check]) await store.write({ put: { version: 1 }, at });
      const present: Condition = { where: { version: { equals: 1 } } };

      expect(
        await commit(
          { put: { version: 1 }, at: put, when: { absent: true } },
          { set: { name: 'x' }, add: { version: 1 }, at: update, when: present },
          { remove: true, at: remove, when: present },
          { check: present, at: check },
        ),
      ).toEqual({ applied: true });
      expect(await store.read(put)).toMatchObject({ version: 1 });
      expect(await store.read(update)).toMatchObject({ version: 2, name: 'x' });
      expect(await store.read(remove)).toBeUndefined();
      expect(await store.read(check)).toMatchObject({ version: 1 });
    });

    it('writes nothing when one condition fails, and says which, with what stood there', async () => {
      const [fresh, taken, missing] = [address(), address(), address()];
      await store.write({ put: { version: 7 }, at: taken });

      const answer = await commit(
        { put: {}, at: fresh, when: { absent: true } },
        { put: {}, at: taken, when: { absent: true } },
        { check: { where: {} }, at: missing },
      );

      expect(answer).toEqual({
        applied: false,
        refusals: [
          { because: 'none' },
          { because: 'condition', item: { version: 7, ...taken.key } },
          { because: 'condition' },
        ],
      });
      expect(await store.read(fresh)).toBeUndefined();
    });

    it('is applied once when the same token brings it twice', async () => {
      const at = address();
      const transaction = { token: crypto.randomUUID(), writes: [{ add: { count: 1 }, at }] };
      for (let times = 0; times < 3; times++)
        expect(await store.commit(transaction)).toEqual({ applied: true });
      expect(await store.read(at)).toMatchObject({ count: 1 });
    });

    it('is invalid under a token that brought other writes', async () => {
      const token = crypto.randomUUID();
      await store.commit({ token, writes: [{ put: { a: 1 }, at: address() }] });
      await expect(
        store.commit({ token, writes: [{ put: { a: 2 }, at: address() }] }),
      ).rejects.toThrow(TransactionInvalidError);
    });

    it('is invalid when it writes an item twice, or nothing', async () => {
      const at = address();
      await expect(commit({ put: {}, at }, { check: { where: {} }, at })).rejects.toThrow(
        TransactionInvalidError,
      );
      await expect(commit()).rejects.toThrow(TransactionInvalidError);
    });

    it('moves a shared stock exactly, however many try at once', async () => {
      const stock = address();
      await store.write({ put: { available: 10 }, at: stock });
      const answers = await Promise.all(
        Array.from({ length: 25 }, () =>
          commit(
            {
              add: { available: -1 },
              at: stock,
              when: { where: { available: { atLeast: 1 } } },
            },
            { put: {}, at: address(), when: { absent: true } },
          ),
        ),
      );
      const taken = answers.filter(({ applied }) => applied).length;
      expect(taken).toBeLessThanOrEqual(10);
      expect(await store.read(stock)).toMatchObject({ available: 10 - taken });
      const refused = answers.flatMap((answer) => (answer.applied ? [] : [answer.refusals[0]]));
      expect(refused.every((refusal) => refusal?.because !== 'none')).toBe(true);
    });
  });

  describe('a range', () => {
    const pages = async (pk: string, range: { prefix?: string; descending?: boolean } = {}) => {
      const found: string[][] = [];
      let after: Item | undefined;
      do {
        const page = await store.page({
          table: 'domain',
          partition: { name: 'pk', value: pk },
          sort: { name: 'sk', ...(range.prefix && { prefix: range.prefix }) },
          limit: 2,
          descending: range.descending ?? false,
          consistent: true,
          ...(after && { after }),
        });
        found.push(page.items.map((item) => String(item['sk'])));
        after = page.next;
      } while (after);
      return found.flat();
    };

    it('comes in order, page by page, with nothing lost or repeated', async () => {
      const pk = newKey();
      for (const sk of ['c', 'a', 'e', 'b', 'd'])
        await store.write({ put: {}, at: address(pk, sk) });
      expect(await pages(pk)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await pages(pk, { descending: true })).toEqual(['e', 'd', 'c', 'b', 'a']);
    });

    it('goes on behind keys that no item has', async () => {
      const pk = newKey();
      for (const sk of ['a', 'c', 'e']) await store.write({ put: {}, at: address(pk, sk) });
      const behind = async (sk: string, descending = false) => {
        const { items } = await store.page({
          table: 'domain',
          partition: { name: 'pk', value: pk },
          sort: { name: 'sk' },
          limit: 10,
          descending,
          after: { pk, sk },
        });
        return items.map((item) => item['sk']);
      };
      expect(await behind('b')).toEqual(['c', 'e']);
      expect(await behind('b', true)).toEqual(['a']);
      expect(await behind('f')).toEqual([]);
    });

    it('keeps to its prefix and its partition', async () => {
      const pk = newKey();
      for (const sk of ['x#1', 'x#2', 'y#1']) await store.write({ put: {}, at: address(pk, sk) });
      await store.write({ put: {}, at: address(newKey(), 'x#3') });
      expect(await pages(pk, { prefix: 'x#' })).toEqual(['x#1', 'x#2']);
      expect(await pages(newKey())).toEqual([]);
    });

    it('reads an index by the attributes that are its keys', async () => {
      const listPk = newKey();
      for (const listSk of ['2', '1'])
        await store.write({ put: { listPk, listSk }, at: address(newKey(), listSk) });
      await store.write({ put: {}, at: address() });
      const { items } = await store.page({
        table: 'domain',
        index: 'lists',
        partition: { name: 'listPk', value: listPk },
        sort: { name: 'listSk' },
        limit: 10,
      });
      expect(items.map(({ listSk }) => listSk)).toEqual(['1', '2']);
    });
  });
}
