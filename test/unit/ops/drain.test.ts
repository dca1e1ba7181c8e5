/** How a stage is seen to be at rest. */
import { describe, expect, it } from 'vitest';
import { outboxLook, waitForRest } from '#ops/drain.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { bucketAt, claimWrite, eventWrite, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { RangeReader } from '#shared/state/store.ts';

const startMs = Date.UTC(2026, 0, 8, 12);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function given() {
  const store = memoryStore();
  let pages = 0;
  const counting: RangeReader = {
    page(range) {
      pages++;
      return store.page(range);
    },
  };
  const look = outboxLook({ store: counting, horizonMs: 7 * dayMs, now: () => startMs });
  async function stored(occurredAtMs: number): Promise<string> {
    const id = uuidV7({ now: () => occurredAtMs });
    const event = {
      ...{ id, type: 'a', tenant: 't', aggregate: 'a/1', seq: 1, data: {} },
      ...{ occurredAtMs, traceparent: '', correlationId: '' },
    };
    await store.write(eventWrite(event, { table: 'outbox', retainMs: 7 * dayMs }));
    return id;
  }
  const settle = (id: string, occurredAtMs: number) =>
    store.write(
      ledgerWrite('outbox', {
        ...{ id: uuidV7(), bucket: bucketAt(occurredAtMs), sent: [id], parked: [], by: 'relay' },
        expiresAtMs: startMs + dayMs,
      }),
    );
  return { store, look, stored, settle, pages: () => pages };
}

describe('a look at the outbox', () => {
  it.each([
    ['now', 0],
    ['three hours ago', 3 * hourMs],
    ['almost seven days ago', 7 * dayMs - 60_000],
  ])('finds an event of %s until it is in a ledger', async (_, ageMs) => {
    const { look, stored, settle } = given();
    const id = await stored(startMs - ageMs);
    expect(await look()).toBe(1);
    expect(await look()).toBe(1);
    await settle(id, startMs - ageMs);
    expect(await look()).toBe(0);
  });

  it('counts an event that a sweeper has in hand: it may die with it', async () => {
    const { store, look, stored } = given();
    const id = await stored(startMs - hourMs);
    await store.write(claimWrite('outbox', id, { nowMs: startMs, untilMs: startMs + hourMs }));
    expect(await look()).toBe(1);
  });

  it('does not count what has lapsed', async () => {
    const { look, stored } = given();
    await stored(startMs - 7 * dayMs);
    expect(await look()).toBe(0);
  });

  it('reads the whole of it once, and then what is recent or was not settled', async () => {
    const { look, stored, pages } = given();
    await stored(startMs - 3 * dayMs);
    await look();
    const first = pages();
    expect(first).toBe(8 * (7 * 144 + 1));
    await look();
    expect(pages() - first).toBe(8 * (13 + 1));
  });
});

describe('waiting for rest', () => {
  it('looks once, also when there is no time', async () => {
    expect(await waitForRest({ look: async () => ({ a: 1 }), withinMs: 0 })).toEqual({
      left: { a: 1 },
      quiet: 0,
      atRest: false,
    });
  });

  it('takes three quiet looks in a row', async () => {
    const looks = [0, 0, 1, 0, 0, 0, 7];
    const rest = await waitForRest({
      look: async () => ({ a: looks.shift() ?? 9 }),
      withinMs: 60_000,
      sleep: async () => {},
    });
    expect(rest).toEqual({ left: { a: 0 }, quiet: 3, atRest: true });
    expect(looks).toEqual([7]);
  });
});
