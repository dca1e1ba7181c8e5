import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { maxEventBytes, readEvent } from '#shared/outbox/event.ts';
import {
  bucketAt,
  bucketMs,
  bucketOf,
  bucketOfItem,
  claimWrite,
  eventAddress,
  eventsOfLedger,
  eventWrite,
  ledgerWrite,
  partitionsOf,
  readPendingEvent,
} from '#shared/outbox/outbox-items.ts';
import { applied, holds, type Item } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { event, startMs } from './small-world.ts';

const outbox = { table: 'outbox', retainMs: 1_000 };
const anyTime = fc.integer({ min: 0, max: 2 ** 45 });

describe('eventWrite', () => {
  it('puts an item from which the same event is read again', async () => {
    const store = memoryStore();
    const told = event();
    await store.write(eventWrite(told, outbox));
    const [item] = store.items('outbox');
    expect(readPendingEvent(item as Item)).toEqual({
      event: told,
      expiresAtMs: startMs + 1_000,
      claimedUntilMs: 0,
      tries: 0,
    });
  });

  it('puts nothing where an event of that id stands', async () => {
    const store = memoryStore();
    const told = event();
    await store.write(eventWrite(told, outbox));
    expect(await store.write(eventWrite({ ...told, seq: 2 }, outbox))).toMatchObject({
      applied: false,
    });
  });

  it.each([
    ['an id of another version', { id: crypto.randomUUID() }],
    ['no type', { type: '' }],
    ['no tenant', { tenant: '' }],
    ['no aggregate', { aggregate: '' }],
    ['a version that is none', { seq: 0 }],
    ['a time that is none', { occurredAtMs: 1.5 }],
    ['too much to tell', { data: { note: 'x'.repeat(maxEventBytes) } }],
  ])('refuses %s', (_, fields) => {
    expect(() => eventWrite({ ...event(), ...fields }, outbox)).toThrow(RangeError);
  });
});

describe('partitions', () => {
  it('hold an event where a reader of its bucket looks', () => {
    fc.assert(
      fc.property(anyTime, (nowMs) => {
        const id = uuidV7({ now: () => nowMs });
        expect(partitionsOf(bucketAt(nowMs))).toContain(eventAddress('outbox', id).key['pk']);
        expect(bucketOf(id)).toBe(bucketAt(nowMs));
      }),
    );
  });

  it('hold a ledger beside the events it names, however much later it is written', () => {
    fc.assert(
      fc.property(anyTime, fc.nat(), (nowMs, laterMs) => {
        const id = uuidV7({ now: () => nowMs + laterMs });
        const { at } = ledgerWrite('outbox', {
          id,
          bucket: bucketAt(nowMs),
          sent: [],
          parked: [],
          by: 'relay',
          expiresAtMs: 0,
        });
        expect(partitionsOf(bucketAt(nowMs))).toContain(at.key['pk']);
        expect(bucketOfItem({ ...at.key })).toBe(bucketAt(nowMs));
      }),
    );
  });

  it('share the events of ten minutes evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 8_000; i++) {
      const { key } = eventAddress('outbox', uuidV7({ now: () => startMs + (i % bucketMs) }));
      counts.set(key['pk'] ?? '', (counts.get(key['pk'] ?? '') ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});

it('finds the bucket of an item whatever the number of its shard', () => {
  expect(bucketOfItem({ pk: '2947#7' })).toBe(2_947);
  expect(bucketOfItem({ pk: '2947#15' })).toBe(2_947);
  expect(bucketOfItem({ pk: 'elsewhere' })).toBeUndefined();
});

describe('a claim', () => {
  const told = event();
  const item = applied(eventWrite(told, outbox), undefined);
  const claim = claimWrite('outbox', told.id, { nowMs: startMs, untilMs: startMs + 100 });
  const when = 'when' in claim && claim.when ? claim.when : { absent: true as const };

  it('is counted, and keeps others away until it ends', () => {
    expect(holds(when, item)).toBe(true);
    const claimed = applied(claim, item);
    expect(readPendingEvent(claimed as Item)).toMatchObject({
      tries: 1,
      claimedUntilMs: startMs + 100,
    });
    expect(holds(when, claimed)).toBe(false);
  });

  it('does not bring an event back that is gone', () => {
    expect(holds(when, undefined)).toBe(false);
  });
});

describe('what cannot be read', () => {
  it.each<[string, Item]>([
    ['nothing', {}],
    ['a ledger', { kind: 'ledger', sk: 'ledger#1' }],
    [
      'an event without a time',
      { ...applied(eventWrite(event(), outbox), undefined), occurredAtMs: 'now' },
    ],
    [
      'an event that never expires',
      { ...applied(eventWrite(event(), outbox), undefined), expiresAtMs: null },
    ],
  ])('is no event: %s', (_, item) => {
    expect(readPendingEvent(item)).toBeUndefined();
  });

  it('is a ledger of nothing, so that its events are handed on again', () => {
    expect(eventsOfLedger({ kind: 'ledger', sent: 'all of them', parked: [] })).toEqual([]);
  });

  it('leaves out what a later version may add to an event', () => {
    const told = event();
    expect(readEvent({ ...told, colour: 'red' })).toEqual(told);
  });
});
