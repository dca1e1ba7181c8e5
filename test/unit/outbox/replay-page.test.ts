import { describe, expect, it } from 'vitest';
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { bucketMs, eventWrite, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import { type ReplayPosition, replayPage, startOf } from '#shared/outbox/replay-page.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { eventAt } from './event-at.ts';

const startMs = Math.floor(Date.UTC(2026, 0, 1) / bucketMs) * bucketMs;

async function outbox(events: readonly DomainEvent[]) {
  const pages: number[] = [];
  const store = memoryStore({
    faults: ({ verb }) => {
      if (verb === 'page') pages.push(pages.length);
      return undefined;
    },
  });
  for (const event of events)
    await store.write(eventWrite(event, { table: 'outbox', retainMs: 1_000 }));
  return { store, reads: () => pages.length / 8 };
}

const many = (count: number, everyMs = 1_000) =>
  Array.from({ length: count }, (_, n) => eventAt(startMs + n * everyMs, { seq: n + 1 }));

type Outbox = Awaited<ReturnType<typeof outbox>>;
const window = { fromMs: startMs, toMs: startMs + 6 * bucketMs };

const pageOf = ({ store }: Outbox, position: ReplayPosition, more: object = {}) =>
  replayPage({
    ...{ store, table: 'outbox', filter: window, position, limit: 30, hasTime: () => true },
    ...more,
  });

async function everyPage(of: Outbox, more: object = {}) {
  const pages: (readonly DomainEvent[])[] = [];
  for (let next: ReplayPosition | undefined = startOf(window); next; ) {
    const page = await pageOf(of, next, more);
    pages.push(page.events);
    next = page.next;
  }
  return pages;
}

const ids = (events: readonly DomainEvent[]) => events.map(({ id }) => id);

describe('a page of stored events', () => {
  it.each([1, 7, 30, 1_000])(
    'of at most %i follows on the one before, in order, with nothing lost or repeated',
    async (limit) => {
      const events = many(900, 2_500);
      const pages = await everyPage(await outbox(events), { limit });
      expect(ids(pages.flat())).toEqual(ids(events));
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
    },
  );

  it.each([30, 1_000])(
    'of at most %i finds every event of a bucket that no single read holds',
    async (limit) => {
      const events = many(2_000, 100);
      const of = await outbox(events);
      expect(ids((await everyPage(of, { limit })).flat())).toEqual(ids(events));
    },
  );

  it('waits with events of one partition for earlier ones of a fuller partition', async () => {
    const inPartition = (hex: string) => (event: DomainEvent) => ({
      ...event,
      id: event.id.slice(0, -4) + hex,
    });
    const full = many(250, 1_000).map(inPartition('0000'));
    const sparse = many(3, 100_000).map(inPartition('0001'));
    const order = [...full, ...sparse].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const pages = await everyPage(await outbox(order), { limit: 1_000 });
    expect(ids(pages.flat())).toEqual(ids(order));
  });

  it('has only what fits, and goes over ledgers and what it cannot read', async () => {
    const [own, other] = [eventAt(startMs), eventAt(startMs + 1, { aggregate: 'order/o2' })];
    const of = await outbox([own, other, eventAt(window.toMs)]);
    const bucket = startMs / bucketMs;
    for (let n = 0; n < 300; n++)
      await of.store.write(
        ledgerWrite('outbox', {
          ...{ id: uuidV7(), bucket, sent: [own.id], parked: [] },
          ...{ by: 'relay' as const, expiresAtMs: startMs },
        }),
      );
    const strange = { table: 'outbox', key: { pk: `${bucket}#0`, sk: 'strange' } };
    await of.store.write({ put: {}, at: strange });
    expect(ids((await everyPage(of)).flat())).toEqual([own.id, other.id]);
    const filter = { ...window, aggregate: 'order/o2', tenant: 'acme' };
    expect(ids((await everyPage(of, { filter })).flat())).toEqual([other.id]);
  });

  it('goes on where an event has expired since', async () => {
    const events = many(40);
    const of = await outbox(events);
    const { next } = await pageOf(of, startOf(window));
    const last = events[29] as DomainEvent;
    const { at } = eventWrite(last, { table: 'outbox', retainMs: 1 });
    await of.store.write({ remove: true, at });
    expect(ids((await pageOf(of, next as ReplayPosition)).events)).toEqual(ids(events.slice(30)));
  });

  it('ends when there is no time for another read, after one at least', async () => {
    const of = await outbox([eventAt(startMs + bucketMs)]);
    const page = await pageOf(of, startOf(window), { hasTime: () => false });
    expect(page).toEqual({ events: [], next: { bucket: startMs / bucketMs + 1 } });
    expect(of.reads()).toBe(1);
  });

  it('reads no more than a hundred times, however long the time', async () => {
    const of = await outbox([]);
    const filter = { fromMs: startMs, toMs: startMs + 150 * bucketMs };
    const { next } = await pageOf(of, startOf(filter), { filter });
    expect([of.reads(), next]).toEqual([100, { bucket: startMs / bucketMs + 100 }]);
    expect((await pageOf(of, next as ReplayPosition, { filter })).next).toBeUndefined();
  });

  it('has nothing of no time', async () => {
    const of = await outbox(many(1));
    const filter = { fromMs: startMs, toMs: startMs };
    expect(await pageOf(of, startOf(filter), { filter })).toEqual({ events: [] });
  });
});
