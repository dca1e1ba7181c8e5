import { describe, expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import { toDemoOrder } from '#local/demo-data.ts';
import { FirstOrderError, placeFirstOrder } from '#local/first-order.ts';
import type { LogReader } from '#ops/log-reader.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const order = { ...toDemoOrder('acme'), id: '0197a000-0000-7000-8000-0000000000ff' };
const sentAtMs = Date.UTC(2026, 0, 1, 12);
const acceptedAtMs = sentAtMs + 40;

type Told = readonly [by: string, afterMs: number, fields: Readonly<Record<string, unknown>>];

const wholeWay: readonly Told[] = [
  ['outbox-relay', 20, { event_type: 'order.created' }],
  ['order-process', 60, { outcome: 'done' }],
  ['outbox-relay', 75, { event_type: 'order.confirmed' }],
  ['email-send', 110, { outcome: 'done' }],
];

/** A stack that answers the order so, says these lines about it, and has it in its table. */
function stack({
  status = 201,
  told = wholeWay,
  stored = order.status,
}: {
  status?: number;
  told?: readonly Told[];
  stored?: typeof order.status;
} = {}) {
  const sent: RequestInit[] = [];
  let nowMs = sentAtMs;
  const trace = () =>
    new Headers(sent[0]?.headers).get('traceparent')?.split('-')[1] ?? 'no trace was sent';
  const logs: LogReader = {
    read: async ({ group }) =>
      told
        .filter(([by]) => by === group)
        .map(([, afterMs, fields]) => ({
          stream: 'one',
          atMs: acceptedAtMs + afterMs,
          text: JSON.stringify({
            level: 'INFO',
            message: 'something',
            timestamp: new Date(acceptedAtMs + afterMs).toISOString(),
            trace_id: trace(),
            ...fields,
          }),
        })),
  };
  const store = memoryStore();
  const place = async () => {
    await store.write({
      put: toOrderItem({ ...order, status: stored }),
      at: orderAddress('acme', order.id),
    });
    return placeFirstOrder({
      apiUrl: 'http://127.0.0.1:1/v1',
      apiKey: 'key',
      token: 'token',
      logs,
      groups: Object.fromEntries(told.map(([by]) => [by, by])),
      store,
      signal: new AbortController().signal,
      fetch: async (_, init) => {
        sent.push(init ?? {});
        nowMs = acceptedAtMs;
        return Response.json({ id: order.id, title: 'Too many' }, { status });
      },
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    });
  };
  return { place, sent, trace, elapsedMs: () => nowMs - sentAtMs };
}

describe('the first order', () => {
  it('is told of by its own log, hop by hop, from the moment it was sent', async () => {
    const { place, trace } = stack();
    const { id, traceId, hops } = await place();
    expect(id).toBe(order.id);
    expect(traceId).toBe(trace());
    expect(hops).toEqual([
      { name: 'accepted', by: 'create-order', afterMs: 40 },
      { name: 'relayed to order:process', by: 'outbox-relay', afterMs: 60 },
      { name: 'processed', by: 'order-process', afterMs: 100 },
      { name: 'relayed to email:send', by: 'outbox-relay', afterMs: 115 },
      { name: 'mailed', by: 'email-send', afterMs: 150 },
    ]);
  });

  it('goes through the gateway as anybody else would', async () => {
    const { place, sent } = stack();
    await place();
    expect(Object.fromEntries(new Headers(sent[0]?.headers))).toMatchObject({
      authorization: 'Bearer token',
      'x-api-key': 'key',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('has failed when it is refused, with the answer', async () => {
    const { place } = stack({ status: 429, told: [] });
    await expect(place()).rejects.toThrow(FirstOrderError);
    await expect(place()).rejects.toThrow(/answered 429: .*Too many/);
  });

  it('has failed when a hop is not told of in time, with the story so far', async () => {
    const { place, elapsedMs } = stack({ told: wholeWay.slice(0, 1), stored: 'pending' });
    await expect(place()).rejects.toThrow(
      /pending\) was not processed, not relayed to email:send, not mailed within 15 s/,
    );
    expect(elapsedMs()).toBeGreaterThan(15_000);
  });

  it('is not confirmed because a log says so, but because it is', async () => {
    const { place } = stack({ stored: 'pending' });
    await expect(place()).rejects.toThrow(/pending\) was not confirmed within 15 s/);
  });
});
