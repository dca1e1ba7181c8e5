import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asOf, type Booking, confirm, release } from '#functions/domain/booking.ts';
import { booked, office, slot } from './office.ts';

const minuteMs = 60_000;

const booking = (fields: Partial<Booking> = {}): Booking => ({
  id: '0197a000-0000-7000-8000-000000000001',
  tenant: 'acme',
  userId: 'u1',
  resourceId: 'room',
  status: 'held',
  version: 1,
  slots: [slot(0)],
  endsAt: slot(1),
  holdEndsAt: '2030-01-01T00:10:00.000Z',
  createdAt: '2030-01-01T00:00:00.000Z',
  ...fields,
});

const holdEndMs = Date.parse(booking().holdEndsAt);
const startMs = Date.parse(slot(0));

describe('a booking', () => {
  // biome-ignore format: a table, one state and instant a row
  it.each([
    ['held',      holdEndMs - 1, 'confirmed',    'released'],
    ['held',      holdEndMs,     'hold-expired', 'booking-ended'],
    ['confirmed', startMs - 1,   'confirmed',    'released'],
    ['confirmed', startMs,       'confirmed',    'booking-ended'],
    ['released',  0,             'booking-ended', 'booking-ended'],
    ['lapsed',    0,             'hold-expired', 'booking-ended'],
  ] as const)('that is %s at %i: confirming gives %s, releasing %s', (status, nowMs, confirmed, released) => {
    const ends = [confirm, release].map((change) => {
      const end = change(booking({ status }), nowMs);
      if ('refused' in end) return end.refused;
      return 'changed' in end ? end.changed.status : end.unchanged.status;
    });
    expect(ends).toEqual([confirmed, released]);
  });

  it('is lapsed from the end of its hold on, as the sweeper will write it', () => {
    expect(asOf(booking(), holdEndMs - 1)).toEqual(booking());
    expect(asOf(booking(), holdEndMs)).toEqual(booking({ status: 'lapsed', version: 2 }));
    expect(asOf(booking({ status: 'confirmed' }), holdEndMs).status).toBe('confirmed');
  });

  it('grows its version with every change', () => {
    const changed = confirm(booking({ version: 7 }), 0);
    expect('changed' in changed && changed.changed.version).toBe(8);
  });
});

describe('a hold', () => {
  it('takes all of its slots or none', async () => {
    const { hold, owner } = await office();
    const first = booked(await hold([slot(2), slot(3)]));
    expect(await hold([slot(1), slot(2)])).toEqual({
      refused: { because: 'slot-taken', slots: [1] },
    });
    expect(await Promise.all([1, 2, 3].map((nth) => owner(slot(nth))))).toEqual([
      undefined,
      first.id,
      first.id,
    ]);
  });

  it('lasts no longer than until its first slot begins', async () => {
    const { hold, clock } = await office();
    clock.nowMs = Date.parse(slot(4)) - 2 * minuteMs;
    expect(booked(await hold([slot(5), slot(4)])).holdEndsAt).toBe('2030-01-07T10:00:00.000Z');
  });

  it('that has ended is taken over at once, and then neither confirmed nor released', async () => {
    const { hold, clock, confirm, release, owner, sweep, stored, events } = await office();
    const first = booked(await hold([slot(0), slot(1)], { holdForSeconds: 60 }));
    clock.nowMs += minuteMs;
    const second = booked(await hold([slot(1), slot(2)], { userId: 'u2' }));
    expect(await confirm(first.id)).toEqual({ refused: 'hold-expired' });
    expect(await release(first.id)).toEqual({ refused: 'booking-ended' });
    expect(await sweep()).toMatchObject({ lapsed: 1, passedOver: 0, unfinished: false });
    expect((await stored(first.id))?.status).toBe('lapsed');
    expect(await Promise.all([0, 1, 2].map((nth) => owner(slot(nth))))).toEqual([
      undefined,
      second.id,
      second.id,
    ]);
    expect(await confirm(first.id)).toEqual({ refused: 'hold-expired' });
    expect(events().filter((event) => event.includes('lapsed'))).toEqual([
      `booking/${first.id} booking.lapsed 2`,
    ]);
  });

  it('is the same for a request that comes again, even after it was confirmed', async () => {
    const { hold, confirm } = await office();
    const key = 'the-key';
    const first = booked(await hold([slot(0)], { key }));
    booked(await confirm(first.id));
    expect(booked(await hold([slot(0)], { key }))).toEqual(first);
  });

  it('is not in the sweeper’s list once it is confirmed, released or lapsed', async () => {
    const { hold, confirm, release, clock, sweep, store } = await office();
    const ids = [];
    for (const nth of [0, 1, 2]) ids.push(booked(await hold([slot(nth)])).id);
    await confirm(ids[0] ?? '');
    await release(ids[1] ?? '');
    clock.nowMs += 15 * minuteMs;
    expect((await sweep()).lapsed).toBe(1);
    expect(store.items('domain').filter((item) => 'listPk' in item)).toEqual([]);
    // Who made a booking stays on it: the request may come again.
    const bookings = store.items('domain').filter(({ status }) => status !== undefined);
    expect(bookings.every((item) => 'made' in item)).toBe(true);
  });
});

describe('two clocks', () => {
  it('a taker that is ahead wins the slots, and the confirmation fails', async () => {
    const { hold, confirm, clock, owner } = await office();
    const first = booked(await hold([slot(0)], { holdForSeconds: 60 }));
    clock.nowMs += minuteMs - 100;
    const second = booked(await hold([slot(0)], { userId: 'u2', skewMs: 200 }));
    await expect(confirm(first.id)).rejects.toThrow('others changed');
    clock.nowMs += 100;
    expect(await confirm(first.id)).toEqual({ refused: 'hold-expired' });
    expect(await owner(slot(0))).toBe(second.id);
  });

  it('a release that is behind frees nothing of the taker’s', async () => {
    const { hold, release, clock, owner } = await office();
    const first = booked(await hold([slot(0)], { holdForSeconds: 60 }));
    clock.nowMs += minuteMs - 100;
    const second = booked(await hold([slot(0)], { userId: 'u2', skewMs: 200 }));
    await expect(release(first.id)).rejects.toThrow('others changed');
    expect(await owner(slot(0))).toBe(second.id);
  });

  it('a sweeper that is ahead leaves alone what was confirmed before it wrote', async () => {
    let beforeSweep: (() => Promise<unknown>) | undefined;
    const { hold, confirm, clock, sweep, stored, owner } = await office({
      async faults({ transaction }) {
        const lapses = transaction?.writes.some(
          (write) => 'put' in write && write.put['type'] === 'booking.lapsed',
        );
        if (lapses) await beforeSweep?.();
        return undefined;
      },
    });
    const { id } = booked(await hold([slot(0)], { holdForSeconds: 60 }));
    beforeSweep = () => confirm(id);
    clock.nowMs += minuteMs - 100;
    expect(await sweep({ skewMs: 200 })).toMatchObject({ lapsed: 0, passedOver: 1 });
    expect((await stored(id))?.status).toBe('confirmed');
    expect(await owner(slot(0))).toBe(id);
  });

  it('a confirmation that is behind comes first, and the taker finds the slots booked', async () => {
    const { hold, confirm, clock, owner } = await office();
    const first = booked(await hold([slot(0)], { holdForSeconds: 60 }));
    clock.nowMs += minuteMs + 100;
    booked(await confirm(first.id, { skewMs: -200 }));
    expect(await hold([slot(0)], { userId: 'u2' })).toMatchObject({
      refused: { because: 'slot-taken' },
    });
    expect(await owner(slot(0))).toBe(first.id);
  });
});

type Step =
  | { readonly do: 'hold'; readonly from: number; readonly count: number }
  | { readonly do: 'confirm' | 'release'; readonly nth: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly minutes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('hold' as const),
    from: fc.nat(5),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constantFrom('confirm' as const, 'release' as const), nth: fc.nat(8) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
);

describe('under any sequence of holds, confirmations, releases and sweeps, some at the same time', () => {
  it(
    'no slot is two bookings’, none is half booked, and nothing comes back from an end',
    {
      timeout: 60_000,
    },
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.tuple(
              fc.array(step, { minLength: 1, maxLength: 3 }),
              fc.integer({ min: -500, max: 500 }),
            ),
            { maxLength: 25 },
          ),
          async (rounds) => {
            const world = await office();
            const ids: string[] = [];
            const ended = new Set<string>();
            const act = async (each: Step, skewMs: number) => {
              if (each.do === 'wait') world.clock.nowMs += each.minutes * minuteMs;
              if (each.do === 'sweep') await world.sweep({ skewMs });
              if (each.do === 'hold') {
                const slots = Array.from({ length: each.count }, (_, n) => slot(each.from + n));
                const answer = await world.hold(slots, { skewMs });
                if ('booking' in answer) ids.push(answer.booking.id);
              }
              if (each.do === 'confirm' || each.do === 'release') {
                const id = ids[each.nth % Math.max(1, ids.length)];
                if (id) await world[each.do](id, { skewMs }).catch(gaveUp);
              }
            };
            for (const [steps, skewMs] of rounds) {
              await Promise.all(steps.map((each) => act(each, skewMs)));
              await audit(world, ids, ended);
            }
            world.clock.nowMs += 60 * minuteMs;
            await world.sweep();
            await audit(world, ids, ended);
            for (const id of ids) expect((await world.stored(id))?.status).not.toBe('held');
          },
        ),
        { numRuns: 100 },
      ),
  );
});

/** Clocks that differ may keep a confirmation from its slots until they agree: 503, asked again later. */
function gaveUp(error: Error): void {
  if (error.name !== 'ContentionError') throw error;
}

async function audit(
  { stored, owner, clock, store }: Awaited<ReturnType<typeof office>>,
  ids: readonly string[],
  ended: Set<string>,
): Promise<void> {
  const bookings = (await Promise.all(ids.map(stored))).filter((found) => found !== undefined);
  const mayHave = new Map<string, string>();
  for (const { id, status, slots, holdEndsAt } of bookings) {
    const isOver = status === 'released' || status === 'lapsed';
    if (ended.has(id)) expect(isOver).toBe(true);
    if (isOver) ended.add(id);
    // A second around the end of a hold, clocks may see it differently; the slots decide.
    const lasts = status === 'held' && Date.parse(holdEndsAt) > clock.nowMs + 1_000;
    if (status !== 'confirmed' && !lasts) continue;
    for (const start of slots) {
      expect(mayHave.get(start)).toBeUndefined();
      mayHave.set(start, id);
      expect(await owner(start)).toBe(id);
    }
  }
  const known = new Map(bookings.map((each) => [each.id, each]));
  for (const { bookingId } of store.items('domain').filter((item) => 'bookingId' in item))
    expect(['held', 'confirmed']).toContain(known.get(String(bookingId))?.status);
}
