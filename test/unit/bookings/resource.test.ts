import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideHold, newBooking } from '#functions/create-booking/create-booking.ts';
import {
  instant,
  isSlotStart,
  type Resource,
  readResource,
  slotEndMs,
  slotStartsBetween,
  toInstant,
} from '#functions/domain/resource.ts';
import {
  type Availability,
  startsOf,
  toAvailability,
} from '#functions/get-availability/get-availability.ts';
import { openMs, room, slot, slotMs, tenant } from './office.ts';

const dayMs = 86_400_000;

const resource: fc.Arbitrary<Resource> = fc
  .record({
    slotMinutes: fc.integer({ min: 5, max: 1_440 }),
    open: fc.uniqueArray(fc.integer({ min: 0, max: 1_440 }), { minLength: 2, maxLength: 2 }),
  })
  .map(({ slotMinutes, open }) => ({
    ...room,
    slotMinutes,
    openFromMinute: Math.min(...open),
    openUntilMinute: Math.max(...open),
  }));

const window = fc
  .record({ from: fc.nat(7 * 86_400), seconds: fc.nat(3 * 86_400) })
  .map(({ from, seconds }) => ({
    fromMs: openMs + from * 1_000,
    toMs: openMs + (from + seconds) * 1_000,
  }));

describe('the slots of a resource', () => {
  it('do not overlap, lie in its hours and in the window, and are all there', () =>
    fc.assert(
      fc.property(resource, window, (of, { fromMs, toMs }) => {
        const starts = slotStartsBetween(of, { fromMs, toMs });
        starts.forEach((startMs, nth) => {
          expect(isSlotStart(of, startMs)).toBe(true);
          expect(startMs).toBeGreaterThanOrEqual(fromMs);
          expect(slotEndMs(of, startMs)).toBeLessThanOrEqual(toMs);
          if (nth > 0) expect(slotEndMs(of, starts[nth - 1] ?? 0)).toBeLessThanOrEqual(startMs);
        });
        const known = new Set(starts);
        for (let ms = Math.ceil(fromMs / 60_000) * 60_000; ms < toMs; ms += 60_000)
          if (isSlotStart(of, ms) && slotEndMs(of, ms) <= toMs) expect(known.has(ms)).toBe(true);
      }),
    ));

  it('go around the clock where it never closes', () => {
    const always = { ...room, slotMinutes: 60, openFromMinute: 0, openUntilMinute: 1_440 };
    const starts = slotStartsBetween(always, { fromMs: openMs, toMs: openMs + 2 * dayMs });
    expect(starts).toHaveLength(48);
    expect(
      starts.every((startMs, n) => n === 0 || startMs - (starts[n - 1] ?? 0) === 3_600_000),
    ).toBe(true);
  });

  it('have one name each, which is an instant of the API', () =>
    fc.assert(
      fc.property(window, ({ fromMs }) => {
        const name = toInstant(fromMs);
        expect(instant.parse(name)).toBe(name);
        expect(Date.parse(name)).toBe(fromMs);
      }),
    ));

  it.each([
    ['closes before it opens', { openFromMinute: 600, openUntilMinute: 600 }],
    ['slots of four minutes', { slotMinutes: 4 }],
    ['half minutes', { slotMinutes: 7.5 }],
    ['a day of 25 hours', { openUntilMinute: 1_500 }],
  ])('are a fault of ours where it %s', (_, fields) => {
    expect(() => readResource({ ...room, ...fields })).toThrow();
  });
});

describe('what is seen of them', () => {
  const nowMs = Date.parse(slot(1));
  const seen = (found: Parameters<typeof toAvailability>[2]): Availability => {
    const query = { from: slot(0), to: slot(5) };
    return toAvailability(room, startsOf(room, query, nowMs), found, nowMs);
  };

  it('is whether they are free, held or booked, and never whose they are', () => {
    const soonMs = nowMs + 60_000;
    const found = new Map([
      [slot(2), { bookingId: 'b1', expiresAtMs: nowMs }],
      [slot(3), { bookingId: 'b2', expiresAtMs: soonMs }],
      [slot(4), { bookingId: 'b3' }],
    ]);
    expect(seen(found).slots).toEqual([
      { start: slot(2), state: 'free' },
      { start: slot(3), state: 'held', heldUntil: new Date(soonMs).toISOString() },
      { start: slot(4), state: 'booked' },
    ]);
  });
});

describe('a request for slots', () => {
  const by = { id: 'b1', tenant, userId: 'u1', nowMs: openMs - dayMs };
  const refused = (slots: readonly string[], nowMs = by.nowMs) => {
    const body = newBooking.parse({ resourceId: 'room', slots });
    const decided = decideHold(body, { resource: room, slots: [] }, { ...by, nowMs });
    return 'refused' in decided ? decided.refused : undefined;
  };

  // biome-ignore format: a table, one request a row
  it.each([
    ['a slot twice',                [slot(0), slot(1), slot(0)],                  { because: 'slot-repeated', slots: [2] }],
    ['a gap',                       [slot(4), slot(0), slot(1)],                  { because: 'slots-not-contiguous', slots: [0] }],
    ['two gaps',                    [slot(0), slot(2), slot(4)],                  { because: 'slots-not-contiguous', slots: [1, 2] }],
    ['one before it opens',         [toInstant(openMs - slotMs), slot(0)],        { because: 'slot-outside', slots: [0] }],
    ['one after it closes',         [slot(19), slot(20)],                         { because: 'slot-outside', slots: [1] }],
    ['one between two',             [toInstant(openMs + 60_000)],                 { because: 'slot-outside', slots: [0] }],
  ] as const)('is refused for %s', (_, slots, refusal) => {
    expect(refused(slots)).toEqual(refusal);
  });

  it('is refused for a slot that has begun, and for none that is yet to', () => {
    expect(refused([slot(3)], Date.parse(slot(3)))).toEqual({
      because: 'slot-outside',
      slots: [0],
    });
    expect(refused([slot(3)], Date.parse(slot(3)) - 1)).toBeUndefined();
  });

  it('is refused where there is no such resource', () => {
    const body = newBooking.parse({ resourceId: 'nowhere', slots: [slot(0)] });
    expect(decideHold(body, { resource: undefined, slots: [undefined] }, by)).toEqual({
      refused: { because: 'resource-unknown' },
    });
  });

  it('is granted for slots that follow each other, in any order', () =>
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(10), fc.integer({ min: 1, max: 10 })).chain(([from, count]) =>
          fc.shuffledSubarray(
            Array.from({ length: count }, (_, n) => slot(from + n)),
            {
              minLength: count,
            },
          ),
        ),
        (slots) => {
          const body = newBooking.parse({ resourceId: 'room', slots });
          const decided = decideHold(body, { resource: room, slots: [] }, by);
          expect('booking' in decided && decided.booking.slots).toEqual(slots.toSorted());
        },
      ),
    ));
});
