/** The sales report: remembered, told apart by its ETag, and counted anew when an order has changed. */
import { describe, expect, it } from 'vitest';
import { readOrder } from '#functions/domain/order.ts';
import { type SalesView, sales } from '#functions/domain/sales.ts';
import { everyItemOf } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { persistently } from './support/persistent.ts';

const tenant = 'globex';
const path = '/reports/sales';

const admin = () => callerAs({ tenant, user: 'admin', role: 'admin' });
const reportFor = async (send: Send) => (await persistently<SalesView>(send, 'GET', path)).body;

async function ordersInTable() {
  const items = await everyItemOf('domain');
  return items.filter((item) => item['sk'] === 'order' && item['tenant'] === tenant).map(readOrder);
}

const unitsOf = ({ items }: SalesView, wanted: string) =>
  items.find(({ itemId }) => itemId === wanted)?.units ?? 0;

describe('GET /reports/sales', () => {
  it('has every order of the tenant, as the table has them', async () => {
    const send = await admin();
    await eventually(async () => {
      const report = await reportFor(send);
      const sold = sales({});
      for (const order of await ordersInTable()) sold.add(order);
      expect(report).toEqual(sold.view(false));
    });
  });

  it('is 304 for who has it, without a body and with what a cache needs', async () => {
    const send = await admin();
    // Any order that is still under way may change it in between.
    await eventually(async () => {
      const first = await persistently<SalesView>(send, 'GET', path);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      expect(first.headers.get('cache-control')).toMatch(/^private, max-age=\d+, stale-/);
      const again = await send('GET', path, { headers: { 'if-none-match': `W/${etag}, "x"` } });
      expect([again.status, again.body]).toEqual([304, undefined]);
      for (const name of ['etag', 'cache-control'])
        expect(again.headers.get(name)).toBe(first.headers.get(name));
    });
  });

  it('changes soon after an order is confirmed, and its ETag with it', async () => {
    const send = await admin();
    const before = await persistently<SalesView>(send, 'GET', path);
    const body = { lines: [{ itemId: 'desk', quantity: 7 }], address: '1 Harbour Road' };
    const placed = await persistently<{ id: string }>(send, 'POST', '/orders', { body });
    expect(placed.status).toBe(201);
    await eventually(async () => {
      const headers = { 'if-none-match': before.headers.get('etag') ?? '' };
      const after = await send<SalesView>('GET', path, { headers });
      expect(after.status).toBe(200);
      expect(unitsOf(after.body, 'desk')).toBeGreaterThanOrEqual(unitsOf(before.body, 'desk') + 7);
    }, 30_000);
  });

  it('is refused to a user, and to whoever names another tenant', async () => {
    const user = await callerAs({ tenant, user: 'u1' });
    const headers = { 'if-none-match': '*' };
    expect(await user('GET', path, { headers })).toMatchObject({
      status: 403,
      body: { type: '/problems/forbidden' },
    });
    const send = await admin();
    const elsewhere = await send('GET', path, { headers: { ...headers, 'x-tenant-id': 'acme' } });
    expect(elsewhere.status).toBe(403);
  });
});
