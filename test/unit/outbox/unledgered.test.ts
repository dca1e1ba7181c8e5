import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uuidV7 } from '#shared/ids/uuid.ts';
import {
  bucketAt,
  bucketMs,
  eventWrite,
  ledgerWrite,
  nameOf,
} from '#shared/outbox/outbox-items.ts';
import { bucketsToSweep, unledgered } from '#shared/outbox/unledgered.ts';
import { applied, type Item, type Write } from '#shared/state/items.ts';
import { event, startMs } from './small-world.ts';

const sweepAfterMs = 60_000;
const retainMs = 3_600_000;
const itemOf = (write: Write) => applied(write, undefined) as Item;

const eventItem = (ageMs: number, fields: Item = {}): Item => ({
  ...itemOf(eventWrite(event({ occurredAtMs: startMs - ageMs }), { table: 'outbox', retainMs })),
  ...fields,
});

const ledgerItem = (sent: readonly string[], parked: readonly string[]): Item =>
  itemOf(
    ledgerWrite('outbox', {
      id: uuidV7(),
      bucket: 1,
      sent,
      parked,
      by: 'relay',
      expiresAtMs: startMs + retainMs,
    }),
  );

describe('unledgered', () => {
  const due = (...items: Item[]) => unledgered(items, startMs, sweepAfterMs);

  it('is an event from sweepAfterMs on, and not a millisecond sooner', () => {
    const [old, young] = [eventItem(sweepAfterMs), eventItem(sweepAfterMs - 1)];
    expect(due(old, young)).toEqual([old]);
  });

  it('is not an event that a sweeper has in hand, until it lets go', () => {
    const held = eventItem(sweepAfterMs, { claimedUntilMs: startMs });
    const free = eventItem(sweepAfterMs, { claimedUntilMs: startMs - 1 });
    expect(due(held, free)).toEqual([free]);
  });

  it('is not an event that has expired: its ledger may be gone before it', () => {
    expect(due(eventItem(retainMs))).toEqual([]);
    expect(due(eventItem(retainMs - 1))).toHaveLength(1);
  });

  it('is what cannot be read, at once', () => {
    const unreadable = eventItem(0, { type: 7 });
    expect(due(unreadable)).toEqual([unreadable]);
    expect(due(unreadable, ledgerItem([], [nameOf(unreadable)]))).toEqual([]);
  });

  it('is each old event that no ledger names, and nothing else, wherever they stand', () => {
    const anyEvent = fc.record({
      ageMs: fc.integer({ min: 0, max: 2 * sweepAfterMs }),
      ledgered: fc.constantFrom('sent', 'parked', 'no'),
    });
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 12 }),
        fc.infiniteStream(fc.nat(99)),
        (many, order) => {
          const told = many.map((each) => ({ ...each, item: eventItem(each.ageMs) }));
          const named = (how: string) =>
            told.filter(({ ledgered }) => ledgered === how).map(({ item }) => nameOf(item));
          const items = [
            ...told.map(({ item }) => item),
            ledgerItem(named('sent'), named('parked')),
          ];
          const shuffled = items
            .map((item) => ({ item, place: order.next().value }))
            .sort((a, b) => a.place - b.place)
            .map(({ item }) => item);
          const expected = told
            .filter(({ ageMs, ledgered }) => ageMs >= sweepAfterMs && ledgered === 'no')
            .map(({ item }) => nameOf(item));
          expect(
            due(...shuffled)
              .map(nameOf)
              .sort(),
          ).toEqual(expected.sort());
        },
      ),
    );
  });
});

describe('bucketsToSweep', () => {
  const plan = {
    everyMs: 60_000,
    recentBuckets: 3,
    olderEveryRuns: 60,
    horizonMs: 7 * 86_400_000,
  };

  it('has the recent buckets in every run, the current one last', () => {
    fc.assert(
      fc.property(fc.integer({ min: plan.horizonMs, max: 2 ** 43 }), (nowMs) => {
        const buckets = bucketsToSweep({ ...plan, nowMs });
        const current = bucketAt(nowMs);
        expect(buckets.slice(-3)).toEqual([current - 2, current - 1, current]);
        expect(buckets.toSorted((a, b) => a - b)).toEqual(buckets);
      }),
    );
  });

  it('comes to each older bucket within any hour, and looks into few at a time', () => {
    const seen = new Set<number>();
    for (let run = 0; run < plan.olderEveryRuns; run++) {
      const buckets = bucketsToSweep({ ...plan, nowMs: startMs + run * plan.everyMs });
      expect(buckets.length).toBeLessThanOrEqual(3 + Math.ceil(1_008 / 60));
      for (const bucket of buckets) seen.add(bucket);
    }
    const oldest = bucketAt(startMs - plan.horizonMs) + 6; // some fall out of the horizon meanwhile
    for (let bucket = oldest; bucket <= bucketAt(startMs); bucket++)
      expect(seen.has(bucket)).toBe(true);
  });

  it('needs no run to begin on the dot', () => {
    const offset = 17_123;
    const seen = new Set<number>();
    for (let run = 0; run < plan.olderEveryRuns; run++)
      for (const bucket of bucketsToSweep({
        ...plan,
        nowMs: startMs + offset + run * plan.everyMs,
      }))
        seen.add(bucket);
    expect(seen.has(bucketAt(startMs) - 100)).toBe(true);
    expect(bucketMs).toBe(600_000);
  });
});
