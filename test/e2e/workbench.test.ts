/** Dead letters in an operator's hands: found, mended, replayed, discarded. */
import { describe, expect, inject, it } from 'vitest';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { orderAddress } from '#functions/domain/keys.ts';
import { orderAggregate, toOrderItem } from '#functions/domain/order.ts';
import { crashSwitch } from '#shared/faults/fault-items.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { eventsOf, orderOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { pendingOrder } from './support/pending-order.ts';
import { deadLetterDepth, hideFor, parkedLettersOf, sendTo } from './support/queues.ts';

const dayMs = 86_400_000;

interface LetterBody {
  readonly id: string;
  readonly state: string;
  readonly cause: string;
  readonly [name: string]: unknown;
}

interface ReplayBody {
  readonly id: string;
  readonly state: string;
  readonly matched: number;
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly because: Readonly<Record<string, number>>;
}

const operator = () => callerAs({ user: 'ops', role: 'service' });

const eventAbout = (orderId: string, fields: object = {}) => ({
  id: uuidV7(),
  type: 'order.created',
  tenant: 'acme',
  aggregate: orderAggregate(orderId),
  seq: 1,
  occurredAtMs: Date.now(),
  traceparent: toTraceparent(newTrace()),
  correlationId: crypto.randomUUID(),
  data: { orderId, userId: 'u1' },
  ...fields,
});

/** An event that its worker refuses, and the letter that becomes of it. */
async function poison(event: { readonly id: string }): Promise<string> {
  await sendTo('order:process', JSON.stringify(event));
  await eventually(async () => {
    expect(await letterOf(event.id)).toMatchObject({ state: 'parked' });
  });
  return event.id;
}

const letterOf = async (id: string) =>
  (await parkedLettersOf('order:process')).find((letter) => letter.id === id);

const replay = (send: Send, body: object) =>
  send<ReplayBody>('POST', '/dlq/order-process/replays', { body });

const finished = (send: Send, id: string) =>
  eventually(async () => {
    const { body } = await send<ReplayBody>('GET', `/dlq/order-process/replays/${id}`);
    expect(body.state).toBe('done');
    return body;
  });

const confirmations = async (orderId: string) =>
  (await eventsOf([orderId])).filter(({ type }) => type === 'order.confirmed');

describe('poisoned orders', () => {
  it('are found by cause, mended, replayed, and happen once', { timeout: 60_000 }, async () => {
    const send = await operator();
    const orderId = await pendingOrder();
    const broken = eventAbout(orderId, { data: { orderId: 7 } });
    const id = await poison(broken);
    const other = await poison(eventAbout('none', { data: { orderId: 8 } }));

    await eventually(async () => {
      const { body } = await send<{ queues: { queue: string; causes: LetterBody[] }[] }>(
        'GET',
        '/dlq',
      );
      const { causes = [] } = body.queues.find(({ queue }) => queue === 'order-process') ?? {};
      const row = causes.find(({ cause }) => cause === 'invalid-event-data');
      expect(row?.['count']).toBeGreaterThanOrEqual(2);
    });
    const listed = await send<{ letters: LetterBody[] }>(
      'GET',
      '/dlq/order-process?cause=invalid-event-data&tenant=acme&limit=100',
    );
    const ids = listed.body.letters.map((letter) => letter.id);
    expect(ids).toContain(id);
    expect(ids).toContain(other);
    expect(listed.body.letters.every((letter) => !('body' in letter))).toBe(true);
    const shown = await send<LetterBody>('GET', `/dlq/order-process/${id}`);
    expect(shown.body).toMatchObject({ state: 'parked', parkings: 1, eventType: 'order.created' });
    expect(JSON.parse(String(shown.body['body']))).toEqual(broken);

    const dry = await replay(send, { ids: [id], dryRun: true });
    expect(dry).toMatchObject({ status: 202, body: { state: 'planned', matched: 1, replayed: 1 } });
    expect(await letterOf(id)).toMatchObject({ state: 'parked', replays: 0 });

    const mended = { ...broken, data: { orderId, userId: 'u1' } };
    const another = { ...mended, id: uuidV7() };
    const wrong = await replay(send, { ids: [id], edit: { id, body: JSON.stringify(another) } });
    expect(wrong).toMatchObject({ status: 422, body: { type: '/problems/letter-edit-invalid' } });
    const edit = { id, body: JSON.stringify(mended) };
    const started = await replay(send, { ids: [id], edit });
    expect(started.status).toBe(202);

    expect(await finished(send, started.body.id)).toMatchObject({ matched: 1, replayed: 1 });
    await eventually(async () => {
      expect((await orderOf('acme', orderId))?.status).toBe('confirmed');
    });
    expect(await letterOf(id)).toMatchObject({ state: 'replayed', replays: 1 });
    expect(await confirmations(orderId)).toHaveLength(1);

    const again = await replay(send, { ids: [id, other] });
    expect(again).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '/ids/0', detail: 'replayed' }] },
    });
  });

  it('leave their dead-letter queue for the table, and the table for their queue: a replay neither copies without taking away nor takes away without copying', {
    timeout: 60_000,
  }, async () => {
    const send = await operator();
    const tenant = `t${Date.now()}`;
    const letters = await Promise.all(
      [1, 2, 3].map((n) => poison(eventAbout(`none-${n}`, { tenant }))),
    );
    await eventually(async () => expect(await deadLetterDepth('order:process')).toBe(0));
    await eventually(async () => {
      const { body } = await replay(send, { filter: { tenant }, dryRun: true });
      expect(body).toMatchObject({ matched: 3, replayed: 3 });
    });

    const { body } = await replay(send, { filter: { tenant, cause: 'order-missing' } });
    expect(await finished(send, body.id)).toMatchObject({ matched: 3, replayed: 3, failed: 0 });
    // Their fault is not mended, so each is worked on once more, and parked again with its history.
    for (const id of letters)
      await eventually(async () => {
        expect(await letterOf(id)).toMatchObject({
          state: 'parked',
          parkings: 2,
          replays: 1,
          history: [{ replayId: body.id, cause: 'order-missing' }],
        });
      });
    await eventually(async () => expect(await deadLetterDepth('order:process')).toBe(0));
  });

  it('have one effect when they are sent twice', { timeout: 60_000 }, async () => {
    const send = await operator();
    const orderId = await pendingOrder();
    const broken = eventAbout(orderId, { data: { orderId: 7 } });
    const id = await poison(broken);
    const body = JSON.stringify({ ...broken, data: { orderId, userId: 'u1' } });
    const started = await replay(send, { ids: [id], edit: { id, body } });
    await sendTo('order:process', body);
    await finished(send, started.body.id);
    await sendTo('order:process', body);
    await eventually(async () => {
      expect((await orderOf('acme', orderId))?.version).toBe(2);
    });
    await sendTo('order:process', body);
    await poison(eventAbout('none')); // all before it has been worked on
    expect(await confirmations(orderId)).toHaveLength(1);
    expect((await orderOf('acme', orderId))?.version).toBe(2);
  });

  it('are replayed weeks after they happened: no cutoff counts the age of a message', {
    timeout: 60_000,
  }, async () => {
    const send = await operator();
    const orderId = uuidV7();
    const id = await poison(eventAbout(orderId, { occurredAtMs: Date.now() - 40 * dayMs }));
    const order = await orderOf('acme', await pendingOrder());
    if (!order) throw new Error('no order');
    await store.write({
      put: toOrderItem({ ...order, id: orderId }),
      at: orderAddress('acme', orderId),
    });
    const { body } = await replay(send, { ids: [id] });
    await finished(send, body.id);
    await eventually(async () => {
      expect((await orderOf('acme', orderId))?.status).toBe('confirmed');
    });
  });

  it('are refused by name where they are older than the inbox reaches back', async () => {
    const send = await operator();
    const id = await poison(eventAbout('none', { occurredAtMs: Date.now() - 60 * dayMs }));
    expect(await replay(send, { ids: [id] })).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '/ids/0', detail: 'older-than-inbox' }] },
    });
  });

  it('are discarded with a reason, for good', async () => {
    const send = await operator();
    const event = eventAbout('none');
    const id = await poison(event);
    const path = `/dlq/order-process/${id}`;
    expect((await send('DELETE', path)).status).toBe(400);
    const discarded = await send<LetterBody>('DELETE', `${path}?reason=done%20by%20hand`);
    expect(discarded).toMatchObject({
      status: 200,
      body: { state: 'discarded', discarded: { by: 'ops', reason: 'done by hand' } },
    });
    expect((await replay(send, { ids: [id] })).status).toBe(409);
    await sendTo('order:process', JSON.stringify(event));
    await poison(eventAbout('none'));
    expect(await letterOf(id)).toMatchObject({ state: 'discarded', parkings: 1 });
  });
});

it('a message that its worker dies on is parked with an unknown cause', {
  timeout: 90_000,
}, async () => {
  const { set, clear } = crashSwitch('state', 'audit:record');
  const event = eventAbout('none', { type: 'order.changed' });
  await store.write(set({ point: 'before-effect', times: 1_000 }));
  // Nine receives, each of them as long as a message stays hidden.
  const usualSeconds = await hideFor('audit:record', 1);
  try {
    await sendTo('audit:record', JSON.stringify(event));
    await eventually(async () => {
      const letters = await parkedLettersOf('audit:record');
      const letter = letters.find(({ id }) => id === event.id);
      expect(letter).toMatchObject({ cause: 'unknown' });
      expect(JSON.parse(letter?.body ?? '')).toEqual(event);
    }, 80_000);
  } finally {
    await hideFor('audit:record', usualSeconds);
    await store.write(clear());
  }
});

it('a mistake of a user fills no dead-letter queue: it is refused, or a result', async () => {
  const send = await callerAs();
  const before = (await parkedLettersOf('order:process')).length;
  const address = '1 Harbour Road';
  const lines = [{ itemId: 'soldout', quantity: 1 }];
  const { body } = await send<{ id: string }>('POST', '/orders', { body: { lines, address } });
  const unknown = [{ itemId: 'nothing', quantity: 1 }];
  expect((await send('POST', '/orders', { body: { lines: unknown, address } })).status).toBe(422);
  await eventually(async () => {
    expect((await orderOf('acme', body.id))?.status).toBe('rejected');
  });
  expect((await parkedLettersOf('order:process')).length).toBe(before);
});

describe('a Location', () => {
  const made = {
    'create-order': {
      path: '/orders',
      body: { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' },
    },
    'create-relay-job': {
      path: '/relay',
      body: { channel: 'news', body: 'The harbour opens at seven.' },
    },
    'replay-dead-letters': {
      path: '/dlq/order-process/replays',
      body: { filter: {}, dryRun: true },
    },
    'replay-outbox': {
      path: '/outbox/replays',
      body: { from: '2099-01-31T09:00:00Z', to: '2099-01-31T10:00:00Z', dryRun: true },
    },
    'create-booking': {
      path: '/bookings',
      body: { resourceId: 'room-1', slots: ['2090-01-16T09:00:00Z'], holdForSeconds: 60 },
    },
  } as const;

  it('is looked at on every route that has one', () => {
    const having = Object.entries<RouteContract>(contracts).filter(
      ([, { answer }]) => answer.headers && 'location' in answer.headers,
    );
    expect(having.map(([name]) => name).toSorted()).toEqual(Object.keys(made).toSorted());
  });

  it.each(Object.entries(made))('of %s leads to what was made', async (name, { path, body }) => {
    const send = await callerAs({ role: name.startsWith('replay-') ? 'service' : 'user' });
    const first = await send<{ id: string }>('POST', path, { body });
    const location = new URL(first.headers.get('location') ?? 'nowhere', first.url).href;
    expect(location.startsWith(inject('apiUrl'))).toBe(true);
    const read = await send('GET', location.slice(inject('apiUrl').length));
    expect(read).toMatchObject({ status: 200, body: { id: first.body.id } });
  });
});

describe('the operator’s routes', () => {
  it.each(['user', 'admin'] as const)('are closed to a tenant’s %s', async (role) => {
    const send = await callerAs({ role });
    const calls = [
      send('GET', '/dlq'),
      send('GET', '/dlq/order-process'),
      send('GET', '/dlq/order-process/x'),
      send('DELETE', '/dlq/order-process/x?reason=because'),
      replay(send, { filter: {} }),
    ];
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 403));
  });

  it('page through a list with a cursor of that list only', async () => {
    const send = await operator();
    const first = await send<{ letters: LetterBody[]; next?: string }>(
      'GET',
      '/dlq/order-process?state=parked&limit=1',
    );
    expect(first.body.letters).toHaveLength(1);
    const next = encodeURIComponent(first.body.next ?? '');
    const second = await send<{ letters: LetterBody[] }>(
      'GET',
      `/dlq/order-process?state=parked&limit=1&cursor=${next}`,
    );
    expect(second.body.letters[0]?.id).not.toBe(first.body.letters[0]?.id);
    const stolen = await send('GET', `/dlq/email-send?state=parked&limit=1&cursor=${next}`);
    expect(stolen).toMatchObject({ status: 400, body: { type: '/problems/cursor-invalid' } });
  });
});
