/** Shares that change from one deployment to the next, while their places are held. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shares } from '#shared/bounded-queue/shares.ts';
import { giveBackAt, slots } from '#shared/bounded-queue/slots.ts';
import type { Address } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const bound = 12;

/** By owner; '' has what all others have together. */
type Table = Readonly<Record<string, number>>;

const counterAt = (owner: string): Address => ({
  table: 'jobs',
  key: { pk: `places#${owner}` },
});

/** A queue whose table of shares is replaced while it runs. */
function queueOf(first: Table) {
  const store = memoryStore();
  const held: string[] = [];
  let token = 0;
  let table = divided(first);

  const commit = async (write: ReturnType<typeof giveBackAt>) =>
    (await store.commit({ token: String(++token), writes: [write] })).applied;

  return {
    held,
    deploy(next: Table) {
      table = divided(next);
    },
    async enter(tenant: string) {
      const { tenant: owner = '', capacity } = table.of(tenant);
      const applied = await commit(slots({ at: counterAt(owner), capacity }).take);
      if (applied) held.push(owner);
    },
    async leave(nth: number) {
      const [owner] = held.splice(nth % held.length, 1);
      if (owner !== undefined) expect(await commit(giveBackAt(counterAt(owner)))).toBe(true);
    },
    taken: async (owner: string) => Number((await store.read(counterAt(owner)))?.['taken'] ?? 0),
  };
}

function divided({ '': others = 1, ...byTenant }: Table) {
  return shares({ bound, byTenant, others });
}

const owners = ['acme', 'globex', 'initech', ''];

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('enter' as const), of: fc.constantFrom(...owners) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), nth: fc.nat(99) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lower' as const),
      of: fc.constantFrom(...owners),
      to: fc.nat(5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('raise' as const),
      of: fc.constantFrom(...owners),
      by: fc.integer({ min: 1, max: 8 }),
    }),
  },
);

describe('shares that are changed while places are held', () => {
  it('never exceed the bound where all are lowered and drained before any is raised', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120 }), async (steps) => {
        let table: Table = { acme: 6, globex: 4, '': 2 };
        const queue = queueOf(table);
        for (const each of steps) {
          if (each.do === 'enter') await queue.enter(each.of || 'somebody');
          if (each.do === 'leave') await queue.leave(each.nth);
          if (each.do === 'lower') table = lowered(table, each);
          if (each.do === 'raise' && (await isDrained(table, queue.taken)))
            table = raised(table, each);
          queue.deploy(table);
          expect(queue.held.length).toBeLessThanOrEqual(bound);
          for (const owner of owners)
            expect(await queue.taken(owner)).toBe(queue.held.filter((of) => of === owner).length);
        }
      }),
      { numRuns: 150 },
    ));

  it('exceed it where one is lowered and another raised at once: that is what the rule is for', async () => {
    const queue = queueOf({ acme: 8, globex: 3, '': 1 });
    for (let nth = 0; nth < bound; nth++) await queue.enter('acme');
    queue.deploy({ acme: 3, globex: 8, '': 1 });
    for (let nth = 0; nth < bound; nth++) await queue.enter('globex');
    expect(queue.held).toHaveLength(16);
  });
});

/** Down to nothing is without its row; the others always have one. */
function lowered(table: Table, { of, to }: { readonly of: string; readonly to: number }): Table {
  const { [of]: before = 0, ...rest } = table;
  const after = Math.min(before, of === '' ? Math.max(1, to) : to);
  return after > 0 ? { ...rest, [of]: after } : rest;
}

function raised(table: Table, { of, by }: { readonly of: string; readonly by: number }): Table {
  const next = { ...table, [of]: (table[of] ?? 0) + by };
  const sum = Object.values(next).reduce((total, each) => total + each, 0);
  return sum > bound ? table : next;
}

async function isDrained(
  table: Table,
  taken: (owner: string) => Promise<number>,
): Promise<boolean> {
  for (const owner of owners) if ((await taken(owner)) > (table[owner] ?? 0)) return false;
  return true;
}
