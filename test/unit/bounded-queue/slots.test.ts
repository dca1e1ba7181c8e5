import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shares } from '#shared/bounded-queue/shares.ts';
import { slots } from '#shared/bounded-queue/slots.ts';
import type { Address } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const at: Address = { table: 'jobs', key: { pk: 'places' } };
const jobAt = (id: number): Address => ({ table: 'jobs', key: { pk: `job-${id}` } });

function queue(capacity: number) {
  const store = memoryStore();
  const places = slots({ at, capacity });
  let token = 0;
  const commit = (writes: Parameters<typeof store.commit>[0]['writes']) =>
    store.commit({ token: String(++token), writes });
  return {
    store,
    places,
    enter: (id: number) =>
      commit([{ put: { state: 'waiting' }, at: jobAt(id), when: { absent: true } }, places.take]),
    leave: (id: number) =>
      commit([
        {
          set: { state: 'done' },
          at: jobAt(id),
          when: { where: { state: { equals: 'waiting' } } },
        },
        places.giveBack,
      ]),
    async standing() {
      return places.standing(await store.read(at));
    },
    waiting: () => store.items('jobs').filter(({ state }) => state === 'waiting').length,
  };
}

describe('the slots of a bounded queue', () => {
  it('are as many as the capacity, from the first on', async () => {
    const { enter, leave, standing } = queue(2);
    expect(await standing()).toEqual({ taken: 0, free: 2 });
    expect([(await enter(1)).applied, (await enter(2)).applied]).toEqual([true, true]);
    expect((await enter(3)).applied).toBe(false);
    expect(await standing()).toEqual({ taken: 2, free: 0 });
    expect((await leave(1)).applied).toBe(true);
    expect((await enter(3)).applied).toBe(true);
  });

  it('are given back once, by whoever took the entity out of its state', async () => {
    const { enter, leave, standing } = queue(2);
    await enter(1);
    await enter(2);
    expect([(await leave(1)).applied, (await leave(1)).applied]).toEqual([true, false]);
    expect(await standing()).toEqual({ taken: 1, free: 1 });
  });

  it('are never fewer than none', async () => {
    const { places, store } = queue(2);
    expect((await store.commit({ token: 't', writes: [places.giveBack] })).applied).toBe(false);
    await store.write({ put: { taken: 0 }, at });
    expect((await store.commit({ token: 'u', writes: [places.giveBack] })).applied).toBe(false);
  });

  it('let nobody in while more are taken than there are since it was lowered', async () => {
    const { store } = queue(1);
    await store.write({ put: { taken: 5 }, at });
    const places = slots({ at, capacity: 3 });
    expect(places.standing(await store.read(at))).toEqual({ taken: 5, free: 0 });
    expect((await store.write(places.take)).applied).toBe(false);
  });

  it('taken are always the entities in the state, and never above the capacity', async () => {
    const step = fc.record({ id: fc.nat(9), verb: fc.constantFrom('enter', 'leave') });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        async (capacity, steps) => {
          const world = queue(capacity);
          for (const { id, verb } of steps) {
            await world[verb as 'enter' | 'leave'](id);
            const { taken, free } = await world.standing();
            expect([taken, free]).toEqual([world.waiting(), capacity - taken]);
            expect(free).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  it.each([{}, { taken: 'x' }, { taken: -1 }, { taken: 1.5 }, { taken: null }])(
    'take %j for no counter: an item that cannot be read is not an empty queue',
    (item) => {
      expect(() => slots({ at, capacity: 1 }).standing(item)).toThrow(TypeError);
    },
  );

  it.each([0, -1, 1.5, Number.NaN])('are not made for a capacity of %d', (capacity) => {
    expect(() => slots({ at, capacity })).toThrow(RangeError);
  });
});

describe('shares of a bound', () => {
  const divided = shares({ bound: 10, byTenant: { acme: 6, globex: 3 }, others: 1 });

  it('give each tenant its own, and the rest one together', () => {
    expect(divided.of('acme')).toEqual({ tenant: 'acme', capacity: 6 });
    for (const name of ['initech', '', 'toString', '__proto__'])
      expect(divided.of(name)).toEqual({ tenant: undefined, capacity: 1 });
    expect(divided.all.map(({ tenant, capacity }) => [tenant, capacity])).toEqual([
      ['acme', 6],
      ['globex', 3],
      [undefined, 1],
    ]);
  });

  it.each([
    { bound: 9, byTenant: { acme: 6, globex: 3 }, others: 1 },
    { bound: 10, byTenant: { acme: 0 }, others: 1 },
    { bound: 10, byTenant: { acme: 2.5 }, others: 1 },
    { bound: 10, byTenant: {}, others: 0 },
    { bound: 0, byTenant: {}, others: 1 },
  ])('are not made of %j', (options) => {
    expect(() => shares(options)).toThrow(RangeError);
  });
});
