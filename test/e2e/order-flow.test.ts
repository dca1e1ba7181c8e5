/** One order, from the gateway to its mail. */
import { describe, expect, inject, it } from 'vitest';
import { eventsOf, mailsFor, stockOf } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { storyOf } from './support/story.ts';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly totalMinor: number;
}

const order = (itemId = 'book', quantity = 2) => ({
  lines: [{ itemId, quantity }],
  address: '1 Harbour Road, Bristol',
});

describe('an order', () => {
  it('is accepted, confirmed by its worker, and mailed, once each', async () => {
    const send = await callerAs();
    const placed = await send<Order>('POST', '/orders', { body: order() });
    expect(placed).toMatchObject({
      status: 201,
      body: { status: 'pending', version: 1, totalMinor: 2_500, currency: 'EUR' },
    });
    const location = new URL(placed.headers.get('location') ?? '', placed.url);
    expect(location.href).toMatch(new RegExp(`/orders/${placed.body.id}$`));
    expect(placed.headers.get('etag')).toBe('"1"');

    const confirmed = await eventually(async () => {
      const read = await send<Order>('GET', location.href.slice(inject('apiUrl').length));
      expect(read.body.status).toBe('confirmed');
      return read;
    });
    expect(confirmed.headers.get('etag')).toBe('"2"');
    await eventually(async () => {
      expect(await mailsFor([placed.body.id])).toMatchObject([{ template: 'order-confirmed' }]);
    });
    const types = (await eventsOf([placed.body.id])).map(({ type }) => type);
    expect(types.toSorted()).toEqual(['order.confirmed', 'order.created']);
  });

  it('can be told as one story across API, relay and both workers from its trace id alone', async () => {
    const send = await callerAs();
    const { traceId, headers } = await send<Order>('POST', '/orders', { body: order() });

    const story = await eventually(async () => {
      const found = await storyOf(traceId);
      expect(found.lines.filter(({ message }) => message === 'message done')).toHaveLength(2);
      return found;
    });

    expect(story.functions).toEqual([
      'create-order',
      'outbox-relay',
      'order-process',
      'simulated-email',
      'email-send',
    ]);
    const hops = story.lines.map(({ function: name, message }) => `${name}: ${message}`);
    expect(hops).toEqual(
      expect.arrayContaining([
        'create-order: POST /orders 201',
        'outbox-relay: event relayed',
        'order-process: message done',
        'email-send: message done',
      ]),
    );
    const ours = story.lines.filter(({ function: name }) => name !== 'simulated-email');
    expect(new Set(ours.map(({ correlationId }) => correlationId))).toEqual(
      new Set([headers.get('x-request-id')]),
    );
    const text = JSON.stringify(story.lines);
    for (const secret of ['acme', '"u1"', 'Harbour Road', '@', 'Bearer'])
      expect(text).not.toContain(secret);
  });

  it('is rejected by its worker when there is not enough, and takes nothing from stock', async () => {
    const send = await callerAs();
    const lamps = await stockOf('acme', 'lamp');
    const lines = [
      { itemId: 'lamp', quantity: 1 },
      { itemId: 'soldout', quantity: 1 },
    ];
    const { body } = await send<Order>('POST', '/orders', { body: { ...order(), lines } });
    await eventually(async () => {
      const read = await send<Order>('GET', `/orders/${body.id}`);
      expect(read.body.status).toBe('rejected');
    });
    await eventually(async () => {
      expect(await mailsFor([body.id])).toMatchObject([{ template: 'order-rejected' }]);
    });
    expect(await stockOf('acme', 'lamp')).toBe(lamps);
  });
});

describe('a repeated POST /orders', () => {
  it('gets the first answer to the letter, marked as a replay', async () => {
    const send = await callerAs();
    const key = crypto.randomUUID();
    const first = await send('POST', '/orders', { body: order(), key });
    const again = await send('POST', '/orders', { body: order(), key });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('is another order for another user, tenant or key', async () => {
    const key = crypto.randomUUID();
    const ids = new Set<string>();
    for (const who of [{}, { user: 'u2' }, { tenant: 'globex' }]) {
      const send = await callerAs(who);
      ids.add((await send<Order>('POST', '/orders', { body: order(), key })).body.id);
    }
    expect(ids.size).toBe(3);
  });

  it('with another payload is refused with 422, and the first order stands', async () => {
    const send = await callerAs();
    const key = crypto.randomUUID();
    const first = await send<Order>('POST', '/orders', { body: order('book', 1), key });
    const other = await send('POST', '/orders', { body: order('book', 2), key });
    expect(other).toMatchObject({
      status: 422,
      body: { type: '/problems/idempotency-key-reused' },
    });
    const { body } = await send<Order>('GET', `/orders/${first.body.id}`);
    expect(body.totalMinor).toBe(1_250);
  });
});
