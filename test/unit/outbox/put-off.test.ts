/** A delay on its way from a call to its queue. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handingOn, report } from '#functions/handed-on.ts';
import { publish } from '#functions/publish.ts';
import { delayLeftSeconds, readEvent } from '#shared/outbox/event.ts';
import { handOn } from '#shared/outbox/hand-on.ts';
import { bucketAt, readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { unledgered } from '#shared/outbox/unledgered.ts';
import { itemsOfBucket } from '#shared/outbox/whole-bucket.ts';
import { putOff } from '#shared/queue/calls.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { recordedSignals } from '../functions/recorded-signals.ts';
import { eventAt } from './event-at.ts';

const startMs = Date.UTC(2026, 0, 1, 12);
const happening = {
  type: 'order.created',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 1,
  data: { orderId: 'o1', userId: 'u1' },
} as const;

/** An event as a call has left it behind, and its way on, so much later. */
async function given({ delaySeconds = 0, by = 'relay' as 'relay' | 'sweeper' } = {}) {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const [store, queues] = [memoryStore(), memoryQueue({ now })];
  const options = { trace: newTrace(), correlationId: 'request-1', delaySeconds, now };
  await store.write(publish(happening, options));
  const hand = handOn({ ...handingOn, by, store, queues, tracing: false, now });
  const items = () => itemsOfBucket(store, 'outbox', bucketAt(startMs));
  return {
    clock,
    items,
    async handedOn(laterMs: number) {
      clock.nowMs = startMs + laterMs;
      const handed = await hand((await items()).map((item) => ({ item })));
      return { handed, messages: queues.taken('order:process') };
    },
  };
}

describe('an event that is put off', () => {
  it.each(['relay', 'sweeper'] as const)(
    'is held back by its queue when the %s sends it',
    async (by) => {
      const { handedOn } = await given({ delaySeconds: 2, by });
      const { messages } = await handedOn(80);
      expect(messages).toMatchObject([{ delaySeconds: 2, attributes: { delaySeconds: '2' } }]);
    },
  );

  // biome-ignore format: a table
  it.each([
    [2,      0, 2],
    [2,    999, 2],
    [2,  1_000, 1],
    [2,  1_999, 1],
    [2,  2_000, 0],
    [2, 90_000, 0],
    [1,   -500, 1], // a clock that is behind
    [0,      0, 0],
  ])('by %i s waits after %i ms for %i s more', (delaySeconds, laterMs, left) => {
    expect(delayLeftSeconds({ occurredAtMs: 1_000_000, delaySeconds }, 1_000_000 + laterMs)).toBe(left);
  });

  it('never waits for longer than it was put off, whatever the clocks say', () => {
    const seconds = fc.nat({ max: 900 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: -1e7, max: 1e7 }), (delaySeconds, laterMs) => {
        const left = delayLeftSeconds({ occurredAtMs: 1e9, delaySeconds }, 1e9 + laterMs);
        expect(Number.isInteger(left) && left >= 0 && left <= delaySeconds).toBe(true);
      }),
    );
  });

  it('that comes too late by itself is not held back on top of that', async () => {
    const { handedOn } = await given({ delaySeconds: 2, by: 'sweeper' });
    const { messages } = await handedOn(60_000);
    expect(messages[0]).not.toHaveProperty('delaySeconds');
    expect(messages[0]?.attributes).not.toHaveProperty('delaySeconds');
  });

  it('is none that the stream lost: its ledger stands from when it was sent', async () => {
    const { handedOn, items, clock } = await given({ delaySeconds: 2 });
    await handedOn(80);
    expect(unledgered(await items(), clock.nowMs + 3_600_000, 1_000)).toEqual([]);
  });

  it('has no more lag than another: that ends where it is sent', async () => {
    const { handedOn, clock } = await given({ delaySeconds: 2 });
    const { handed } = await handedOn(80);
    const lags: number[] = [];
    await report('relayed', handed, {
      signals: recordedSignals().signals,
      pseudonymize: async () => ({ tenant: '', user: '' }),
      now: () => clock.nowMs,
      count: (_, __, lagMs) => void lags.push(lagMs),
    });
    expect(lags).toEqual([80]);
  });
});

describe('an event that is not put off', () => {
  it('says nothing of it, in its item or its message', async () => {
    const { handedOn, items } = await given();
    expect((await items())[0]).not.toHaveProperty('delaySeconds');
    const { messages } = await handedOn(80);
    expect(messages[0]).not.toHaveProperty('delaySeconds');
    expect(Object.keys(messages[0]?.attributes ?? {})).toEqual(['eventType', 'traceparent']);
  });

  it('may be one of before there were delays', async () => {
    const { items } = await given();
    expect(readPendingEvent((await items())[0] ?? {})?.event.delaySeconds).toBeUndefined();
  });
});

describe('an event', () => {
  it.each([-1, 0.5, 901, '1', null])('put off by %o is none', (delaySeconds) => {
    expect(readEvent({ ...eventAt(startMs), delaySeconds })).toBeUndefined();
    expect(readEvent({ ...eventAt(startMs), delaySeconds: 900 })).toMatchObject({
      delaySeconds: 900,
    });
  });
});

describe('putOff', () => {
  it('says the delay to the queue, and to whoever receives the message', () => {
    const message = { id: 'a', body: 'b', attributes: { c: 'd' } };
    expect(putOff(message, 3)).toEqual({
      ...message,
      delaySeconds: 3,
      attributes: { c: 'd', delaySeconds: '3' },
    });
    expect(putOff(message, 0)).toEqual({ ...message, delaySeconds: 0 });
  });
});
