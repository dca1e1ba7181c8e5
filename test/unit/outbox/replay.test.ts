import { describe, expect, it } from 'vitest';
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { bucketMs, eventWrite, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import { dueAfter, eventsToReplay, partitionsBetween } from '#shared/outbox/replay.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { eventAt } from './event-at.ts';

const startMs = Math.floor(Date.UTC(2026, 0, 1) / bucketMs) * bucketMs;

const itemOf = (event: DomainEvent): Item =>
  applied(eventWrite(event, { table: 'outbox', retainMs: 1_000 }), undefined) as Item;

describe('partitionsBetween', () => {
  it('names every partition of a time, and none beside it', () => {
    const first = startMs / bucketMs;
    const one = partitionsBetween({ fromMs: startMs, toMs: startMs + bucketMs });
    expect(new Set(one.map((name) => name.split('#')[0]))).toEqual(new Set([String(first)]));
    const two = partitionsBetween({ fromMs: startMs + bucketMs - 1, toMs: startMs + bucketMs + 1 });
    expect(two).toHaveLength(2 * one.length);
    expect(partitionsBetween({ fromMs: startMs, toMs: startMs })).toEqual([]);
  });
});

describe('eventsToReplay', () => {
  const all = { fromMs: startMs, toMs: startMs + bucketMs };
  const early = eventAt(startMs);
  const late = eventAt(startMs + 5, { seq: 2, tenant: 'globex', aggregate: 'order/o2' });
  const outside = eventAt(startMs + bucketMs);
  const items = [late, outside, early].map(itemOf);
  const ids = (filter: object) => eventsToReplay(items, { ...all, ...filter }).map(({ id }) => id);

  it('takes the events that fit, in their order', () => {
    expect(ids({})).toEqual([early.id, late.id]);
    expect(ids({ tenant: 'globex' })).toEqual([late.id]);
    expect(ids({ aggregate: 'order/o1' })).toEqual([early.id]);
    expect(ids({ type: 'order.confirmed' })).toEqual([]);
  });

  it('passes over ledgers and what it cannot read', () => {
    const ledger = applied(
      ledgerWrite('outbox', {
        ...{ id: uuidV7(), bucket: startMs / bucketMs, sent: [early.id], parked: [] },
        ...{ by: 'relay', expiresAtMs: startMs },
      }),
      undefined,
    ) as Item;
    expect(eventsToReplay([ledger, { pk: 'a', sk: 'b' }], all)).toEqual([]);
  });
});

it('sends no faster than the rate, but for the first second', () => {
  expect([0, 100, 1_000, 2_000, 60_000].map((ms) => dueAfter(ms, 10, 45))).toEqual([
    10, 11, 20, 30, 45,
  ]);
});
