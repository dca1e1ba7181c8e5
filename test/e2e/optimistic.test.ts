/** Changes of orders and items under If-Match: nobody overwrites what they have not seen. */
import { describe, expect, it } from 'vitest';
import { everyItemOf, mailsFor, orderOf, stockOf } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';

const tenant = 'globex';
const seededOrder = '0197a000-0000-7000-8000-000000000002';

interface Order {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly address: string;
}

/** An order that its worker has confirmed, and its ETag. */
async function confirmed(send: Send, itemId = 'lamp', quantity = 1) {
  const body = { lines: [{ itemId, quantity }], address: '1 Harbour Road' };
  const { id } = (await send<Order>('POST', '/orders', { body })).body;
  return eventually(async () => {
    const { body: order, headers } = await send<Order>('GET', `/orders/${id}`);
    expect(order.status).toBe('confirmed');
    return { id, etag: headers.get('etag') ?? '' };
  });
}

const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } });
const patch = (address: string, etag: string) => ({ body: { address }, ...ifMatch(etag) });

describe('two changes of one order on the same version', () => {
  it('are one change and one 409 that names the version that stands', async () => {
    const send = await callerAs({ tenant });
    const { id, etag } = await confirmed(send);
    const answers = await Promise.all(
      ['A', 'B'].map((address) => send<Order>('PATCH', `/orders/${id}`, patch(address, etag))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers.findIndex(({ status }) => status === 200);
    const [won, lost] = [answers[winner], answers[1 - winner]];
    expect(lost?.headers.get('content-type')).toBe('application/problem+json');
    expect(lost?.body).toMatchObject({ type: '/problems/stale-version', currentVersion: 3 });
    expect(lost?.headers.get('etag')).toBe('"3"');
    expect(won?.headers.get('etag')).toBe('"3"');
    expect(await orderOf(tenant, id)).toMatchObject({ version: 3, address: ['A', 'B'][winner] });
  });
});

describe('a change that is sent again', () => {
  it('under its key gets its first answer, though its If-Match is stale by then', async () => {
    const send = await callerAs({ tenant });
    const { id, etag } = await confirmed(send);
    const key = crypto.randomUUID();
    const first = await send<Order>('PATCH', `/orders/${id}`, { key, ...patch('A', etag) });
    const again = await send<Order>('PATCH', `/orders/${id}`, { key, ...patch('A', etag) });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('under its key with another If-Match or body is another request, and refused', async () => {
    const send = await callerAs({ tenant });
    const { id, etag } = await confirmed(send);
    const key = crypto.randomUUID();
    await send('PATCH', `/orders/${id}`, { key, ...patch('A', etag) });
    for (const other of [patch('A', '"3"'), patch('B', etag)])
      expect(await send('PATCH', `/orders/${id}`, { key, ...other })).toMatchObject({
        status: 422,
        body: { type: '/problems/idempotency-key-reused' },
      });
  });
});

describe('cancelling a confirmed order', () => {
  it('gives its stock back exactly once, however often it is asked', async () => {
    const send = await callerAs({ tenant });
    const before = await stockOf(tenant, 'desk');
    const { id, etag } = await confirmed(send, 'desk', 3);
    expect(await stockOf(tenant, 'desk')).toBe(before - 3);

    const keys = Array.from({ length: 4 }, () => crypto.randomUUID());
    const answers = await Promise.all(
      [...keys, ...keys].map((key) =>
        send<Order>('DELETE', `/orders/${id}`, { key, ...ifMatch(etag) }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    // A 503 says: others are at it, ask again.
    expect(statuses.every((status) => [200, 409, 503].includes(status))).toBe(true);
    const known = answers.filter(({ status }) => status === 200);
    expect(new Set(known.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(known[0]?.body).toMatchObject({ status: 'cancelled', version: 3 });
    expect(await stockOf(tenant, 'desk')).toBe(before);

    const late = await send('DELETE', `/orders/${id}`, ifMatch('"3"'));
    expect(late.body).toMatchObject({ type: '/problems/order-ended' });
    expect((await send<Order>('GET', `/orders/${id}`)).body.status).toBe('cancelled');
    await eventually(async () => {
      const templates = (await mailsFor([id])).map(({ template }) => template);
      expect(templates).toContain('order-cancelled');
    });
  });
});

describe('an order that changes', () => {
  it('before its worker comes is the order that the worker confirms', async () => {
    const send = await callerAs({ tenant });
    const body = { lines: [{ itemId: 'lamp', quantity: 1 }] };
    const at = `/orders/${seededOrder}`;
    const seen = await send<Order>('GET', at);
    const etag = seen.headers.get('etag') ?? '';
    const changed = await send<Order>('PATCH', at, { body, ...ifMatch(etag) });
    expect(changed).toMatchObject({ status: 200, body: { totalMinor: 3_900, status: 'pending' } });
    const tag = changed.headers.get('etag') ?? '';
    const same = await send<Order>('PATCH', at, { body, ...ifMatch(tag) });
    expect([same.status, same.headers.get('etag'), same.body]).toEqual([200, tag, changed.body]);
    await eventually(async () => {
      const entries = (await everyItemOf('domain')).filter(({ type }) => type === 'order.changed');
      expect(entries.map(({ aggregate }) => aggregate)).toContain(`order/${seededOrder}`);
    });
  });
});

describe('an item', () => {
  it('is replaced by one of two, and its stock keeps every order in between', async () => {
    const send = await callerAs({ tenant });
    const manage = await callerAs({ tenant, user: 'admin', role: 'admin' });
    const { headers, body } = await send('GET', '/items/vase');
    const etag = headers.get('etag') ?? '';
    const before = Number(body['available']);
    const item = { name: 'A vase', priceMinor: 2_900, currency: 'EUR', restock: 10 };

    const [, ...answers] = await Promise.all([
      confirmed(send, 'vase', 2),
      ...[1, 2].map(() => manage('PUT', '/items/vase', { body: item, ...ifMatch(etag) })),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await send('GET', '/items/vase')).body).toMatchObject({
      priceMinor: 2_900,
      available: before + 10 - 2,
    });
    expect(await send('PUT', '/items/vase', { body: item, ...ifMatch('"2"') })).toMatchObject({
      status: 403,
    });
  });
});

describe('a change without a usable If-Match', () => {
  // biome-ignore format: a table
  it.each([
    ['no tag',      undefined,    428, 'precondition-required'],
    ['a weak tag',  'W/"1"',      400, 'if-match-invalid'],
    ['*',           '*',          400, 'if-match-invalid'],
    ['two tags',    '"1", "2"',   400, 'if-match-invalid'],
    ['no quotes',   '1',          400, 'if-match-invalid'],
  ])('is refused: %s', async (_, tag, status, slug) => {
    const send = await callerAs({ tenant });
    const headers = { 'if-match': tag };
    expect(
      await send('DELETE', '/orders/0197a000-0000-7000-8000-000000000003', { headers }),
    ).toMatchObject({ status, body: { type: `/problems/${slug}` } });
  });
});
