/** What callers get wrong, and the documented problem that each gets back: nothing is ever written. */
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { signToken } from '#shared/auth/token.ts';
import { type ProblemSlug, problemPath, problemTypes } from '#shared/http/problem-types.ts';
import { ordersOf } from './support/auditor.ts';
import { callerAs, type Sending, tokenOf } from './support/caller.ts';
import { needs } from './support/needs.ts';

const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };
const nobody = () => `edge-${crypto.randomUUID()}`;

function expectProblem(
  { status, headers, body }: { status: number; headers: Headers; body: unknown },
  slug: ProblemSlug,
): void {
  expect({ status, body }).toMatchObject({
    status: problemTypes[slug].status,
    body: { type: problemPath(slug), title: problemTypes[slug].title },
  });
  expect(headers.get('content-type')).toBe('application/problem+json');
}

describe('an order that is not right', () => {
  const rows: readonly [string, Sending, ProblemSlug, unknown?][] = [
    ['no body', {}, 'invalid-request', [{ pointer: '' }]],
    ['malformed JSON', { text: '{"lines": [' }, 'invalid-request', [{ pointer: '' }]],
    ['a list', { body: [] }, 'invalid-request', [{ pointer: '' }]],
    [
      'nothing in it',
      { body: {} },
      'invalid-request',
      [{ pointer: '/lines' }, { pointer: '/address' }],
    ],
    [
      'a wrong type',
      { body: { ...order, address: 7 } },
      'invalid-request',
      [{ pointer: '/address' }],
    ],
    [
      'an unknown field',
      { body: { ...order, total: 1 } },
      'invalid-request',
      [{ pointer: '/total' }],
    ],
    [
      'a quantity of 0',
      { body: { ...order, lines: [{ itemId: 'book', quantity: 0 }] } },
      'invalid-request',
      [{ pointer: '/lines/0/quantity' }],
    ],
    [
      'too large a body',
      { text: JSON.stringify({ ...order, address: 'x'.repeat(262_144) }) },
      'body-too-large',
    ],
    [
      'another content type',
      { text: 'lines=1', headers: { 'content-type': 'text/plain' } },
      'unsupported-media-type',
    ],
    [
      'headers of 9 KiB',
      { body: order, headers: { 'x-filler': 'x'.repeat(9_000) } },
      'headers-too-large',
    ],
    [
      'an unknown item',
      { body: { ...order, lines: [{ itemId: 'ghost', quantity: 1 }] } },
      'item-unknown',
      [{ pointer: '/lines/0/itemId' }],
    ],
    ['no Idempotency-Key', { body: order, key: null }, 'idempotency-key-missing'],
    [
      'an empty Idempotency-Key',
      { body: order, headers: { 'idempotency-key': '""' } },
      'idempotency-key-invalid',
    ],
    [
      '256 characters of Idempotency-Key',
      { body: order, key: 'k'.repeat(256) },
      'idempotency-key-invalid',
    ],
    ['a query', { body: order }, 'invalid-request', [{ parameter: 'dry' }]],
  ];

  it.each(rows)('with %s is a documented problem', async (name, sending, slug, errors) => {
    const user = nobody();
    const send = await callerAs({ user });
    const answer = await send('POST', name === 'a query' ? '/orders?dry=1' : '/orders', sending);
    expectProblem(answer, slug);
    if (errors) expect(answer.body).toMatchObject({ errors });
    expect(await ordersOf('acme', user)).toEqual([]);
  });
});

describe('a caller who is not known', () => {
  const claims = (over: Record<string, unknown> = {}) =>
    new SignJWT({ tid: 'acme', role: 'user', sub: 'u1', ...over });
  const forged = new TextEncoder().encode('a secret that nobody gave to the service');
  const inAnHour = () => Math.floor(Date.now() / 1000) + 3_600;
  let kid = '';
  beforeAll(async () => {
    const [header = ''] = (await tokenOf({})).split('.');
    kid = JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
  });

  const unsigned = (header: object) =>
    [header, { sub: 'u1', tid: 'acme', role: 'admin', exp: inAnHour() }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
  const tokens: readonly [string, () => Promise<string> | string][] = [
    ['alg none', () => `${unsigned({ alg: 'none', typ: 'JWT', kid })}.`],
    ['alg none and no kid', () => `${unsigned({ alg: 'none' })}.`],
    [
      'another secret',
      () =>
        claims()
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
          .setExpirationTime(inAnHour())
          .sign(forged),
    ],
    [
      'no kid',
      () =>
        claims()
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
          .setExpirationTime(inAnHour())
          .sign(forged),
    ],
    ['rubbish', () => 'rubbish'],
    ['three dots', () => '...'],
  ];

  it.each(tokens)('is refused with %s', async (_, token) => {
    const send = await callerAs();
    const headers = { authorization: `Bearer ${await token()}` };
    const answer = await send('POST', '/orders', { body: order, headers });
    expectProblem(answer, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('is refused without a token', async () => {
    const send = await callerAs();
    const answer = await send('GET', '/orders', { headers: { authorization: undefined } });
    expectProblem(answer, 'unauthenticated');
  });

  it('is refused with an unknown kid, now or when it may be asked again', async () => {
    const send = await callerAs();
    const token = await signToken(
      { tenant: 'acme', user: 'u1', role: 'user' },
      { key: { id: 'no-such-version', value: 'x'.repeat(40) }, expiresInMs: 60_000 },
    );
    const headers = { authorization: `Bearer ${token}` };
    for (let times = 0; times < 3; times++) {
      const answer = await send('GET', '/orders', { headers });
      expectProblem(answer, answer.status === 401 ? 'unauthenticated' : 'dependency-unavailable');
      if (answer.status === 503) expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
  });

  const withKeys = async (apiKeys: readonly (string | undefined)[]) => {
    const send = await callerAs();
    return Promise.all(
      apiKeys.map((apiKey) => send('GET', '/orders', { headers: { 'x-api-key': apiKey } })),
    );
  };

  it('is refused without an API key, and with an unknown one, by the gateway', async () => {
    const answers = await withKeys([undefined, 'unknown']);
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  it('is told by the gateway that it is the API key', async (context) => {
    await needs(context, 'gateway-response');
    for (const { body } of await withKeys([undefined, 'unknown']))
      expect(body).toMatchObject({ type: problemPath('api-key-invalid') });
  });
});

describe('the border between tenants and users', () => {
  it("hides another tenant's and another user's order as if it did not exist", async () => {
    const user = nobody();
    const mine = await callerAs({ user });
    const { body } = await mine<{ id: string }>('POST', '/orders', { body: order });

    for (const who of [
      { tenant: 'globex', user },
      { tenant: 'globex', role: 'admin' as const },
      { user: nobody() },
    ]) {
      const other = await callerAs(who);
      expectProblem(await other('GET', `/orders/${body.id}`), 'not-found');
    }
    const admin = await callerAs({ user: 'admin', role: 'admin' });
    expect((await admin('GET', `/orders/${body.id}`)).status).toBe(200);
  });

  it('refuses a tenant header that is not the token’s', async () => {
    const send = await callerAs();
    const answer = await send('GET', '/orders', { headers: { 'x-tenant-id': 'globex' } });
    expectProblem(answer, 'tenant-mismatch');
  });

  it('refuses a user who lists the orders of another', async () => {
    const send = await callerAs({ user: nobody() });
    expectProblem(await send('GET', '/orders?user=u1'), 'forbidden');
  });

  it.each(['not-a-uuid', '0197a000-0000-7000-8000-00000000dead', '%23', 'a%2Fb'])(
    'answers for the id %s without a 500',
    async (id) => {
      const send = await callerAs();
      const answer = await send('GET', `/orders/${id}`);
      expect([400, 403, 404]).toContain(answer.status);
    },
  );
});

describe('a cursor', () => {
  it('pages through all orders once, and is refused when it is tampered with or carried elsewhere', async () => {
    const user = nobody();
    const send = await callerAs({ user });
    const placed = new Set<string>();
    for (let n = 0; n < 5; n++)
      placed.add((await send<{ id: string }>('POST', '/orders', { body: order })).body.id);

    const found: string[] = [];
    let next: string | undefined;
    do {
      const cursor: string = next ? `&cursor=${next}` : '';
      const page = await send<{ orders: { id: string }[]; next?: string }>(
        'GET',
        `/orders?limit=2${cursor}`,
      );
      expect(page.status).toBe(200);
      found.push(...page.body.orders.map(({ id }) => id));
      if (page.body.next) {
        const tampered = `${page.body.next.slice(0, -1)}${page.body.next.endsWith('A') ? 'B' : 'A'}`;
        expectProblem(await send('GET', `/orders?limit=2&cursor=${tampered}`), 'cursor-invalid');
        const other = await callerAs({ user: nobody() });
        expectProblem(await other('GET', `/orders?cursor=${page.body.next}`), 'cursor-invalid');
      }
      next = page.body.next;
    } while (next);
    expect(new Set(found)).toEqual(placed);
    expect(found).toHaveLength(5);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'page=2'])(
    'or page size that is wrong is named: %s',
    async (query) => {
      const send = await callerAs();
      expectProblem(await send('GET', `/orders?${query}`), 'invalid-request');
    },
  );
});

describe('a path that is no route', () => {
  it('is a problem, not a page of the gateway', async (context) => {
    await needs(context, 'gateway-response');
    const response = await fetch(`${inject('apiUrl')}/no-such-thing`);
    expect([403, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({ type: expect.stringContaining('/problems/') });
  });
});
