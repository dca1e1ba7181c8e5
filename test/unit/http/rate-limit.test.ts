import { describe, expect, it, vi } from 'vitest';
import { toProblem } from '#functions/known-errors.ts';
import { routeLimits } from '#functions/limits.ts';
import type { RouteRow } from '#functions/tables/routes.ts';
import { verifyToken } from '#shared/auth/token.ts';
import { Problem } from '#shared/http/problem.ts';
import { rateLimitHeaderNames } from '#shared/rate-limit/headers.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { readList } from '../rate-limit/structured-list.ts';
import { bearer, edge, signingKey, validEvent } from './edge.ts';

const write: RouteRow = {
  method: 'POST',
  path: '/orders',
  auth: ['user'],
  apiKeyRequired: true,
  limitGroup: 'write',
  priority: 'NORMAL',
  budgetMs: 5_000,
};

/** The service's own limits around the real chain, over a store in memory whose clock stands. */
function limited(
  row: Partial<RouteRow> = {},
  {
    store = memoryStore() as ItemWriter,
    ...options
  }: Parameters<typeof edge>[0] & { readonly store?: ItemWriter } = {},
) {
  const clock = { nowMs: 1_700_000_000_000 };
  const writes = vi.fn(store.write);
  const metrics: unknown[] = [];
  const limit = routeLimits({
    store: { write: writes },
    row: { ...write, ...row },
    subject: 'create-order',
    signals: { listen: () => {}, record: (...metric) => void metrics.push(metric) },
    now: () => clock.nowMs,
  });
  const ring = keyring({ source: memorySource(signingKey), subject: 'token-signing' });
  const verify = (token: string) => verifyToken(token, ring);
  const { send, ...rest } = edge({
    limit,
    toProblem,
    access: { roles: ['user', 'admin', 'service'], verify },
    ...options,
  });
  return {
    ...rest,
    clock,
    writes,
    metrics,
    async send({
      sourceIp = '192.0.2.1',
      as = {},
      ...event
    }: Parameters<typeof validEvent>[0] & {
      readonly sourceIp?: string | null;
      readonly as?: Parameters<typeof bearer>[0];
    } = {}) {
      return send(
        await validEvent({
          requestContext: { identity: { sourceIp } } as never,
          ...event,
          headers: { authorization: await bearer(as), ...event.headers },
        }),
      );
    },
  };
}

type Edge = ReturnType<typeof limited>;

/** Sends until an answer has the status. @returns it, and how many came before it. */
async function until(status: number, send: () => ReturnType<Edge['send']>, most = 200) {
  for (let before = 0; before < most; before++) {
    const answer = await send();
    if (answer.status === status) return { answer, before };
  }
  throw new Error(`no ${status} in ${most} answers`);
}

const bad = { headers: { authorization: 'Bearer a.b.c' } };

describe('an answer of a limited route', () => {
  it.each([
    ['a success', {}, 201],
    ['a bad request', { body: '{}' }, 400],
    ['a missing key', { headers: { 'idempotency-key': undefined } }, 400],
    ['a refused token', bad, 401],
    ['a missing token', { headers: { authorization: undefined } }, 401],
    ['another tenant', { headers: { 'x-tenant-id': 'globex' } }, 403],
  ] as const)('to %s says where its caller stands', async (_, event, status) => {
    const answer = await limited().send(event);
    expect(answer.status).toBe(status);
    const { ratelimit = '', 'ratelimit-policy': policy = '' } = answer.headers;
    expect(readList(ratelimit).map(({ value }) => value)).toEqual(
      readList(policy).map(({ value }) => value),
    );
    for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'])
      expect(answer.headers[name]).toMatch(/^\d+$/);
  });

  it('says it also when the route fails, and when it refuses', async () => {
    const { send } = limited({}, { answer: () => Promise.reject(new Error('broken')) });
    const { status, headers } = await send();
    expect(status).toBe(500);
    expect(readList(headers['ratelimit'] ?? '')).toHaveLength(4);
  });

  it('lets scripts of browsers read it', async () => {
    const { headers } = await limited().send();
    const exposed = headers['access-control-expose-headers']?.split(', ');
    expect(exposed).toEqual(expect.arrayContaining([...rateLimitHeaderNames]));
  });

  it('says nothing of limits on a route that has none', async () => {
    const { send, writes } = limited({ limitGroup: 'none' });
    const { status, headers } = await send();
    expect([status, headers['ratelimit-policy']]).toEqual([201, undefined]);
    expect(writes).not.toHaveBeenCalled();
  });
});

describe('a caller over the limit', () => {
  it('is told which limit, and when to come back: then it passes', async () => {
    const { send, clock, calls, metrics } = limited();
    const { answer, before } = await until(429, send);
    expect(before).toBe(50);
    expect(calls).toHaveLength(50);
    expect(answer.body).toMatchObject({
      type: '/problems/rate-limited',
      status: 429,
      'violated-policies': ['user-write'],
    });
    expect(answer.headers).toMatchObject({
      'retry-after': '1',
      'ratelimit-limit': '50',
      'ratelimit-remaining': '0',
    });
    expect(readList(answer.headers['ratelimit'] ?? '')).toEqual([
      { value: 'user-write', parameters: { r: 0, t: 1 } },
    ]);
    expect(metrics).toContainEqual([
      'RateLimited',
      1,
      { limit: 'user-write', outcome: 'foreseen' },
    ]);
    clock.nowMs += Number(answer.headers['retry-after']) * 1_000;
    expect((await send()).status).toBe(201);
  });

  it('uses up no idempotency key: the request is refused before it is looked at', async () => {
    const { send, calls } = limited();
    await until(429, send);
    const { status } = await send({ headers: { 'idempotency-key': undefined }, body: '{' });
    expect(status).toBe(429);
    expect(calls.every(({ idempotencyKey }) => idempotencyKey === 'k-1')).toBe(true);
  });

  it('leaves others of the tenant alone, also such as look like it', async () => {
    const { send } = limited();
    const names = ['u1', 'u1#', 'u1#x', 'U1', 'u1%23', 'u/1', 'u1 '];
    await until(429, () => send({ as: { user: 'u1' } }));
    for (const user of names.slice(1)) expect((await send({ as: { user } })).status).toBe(201);
    expect((await send({ as: { tenant: 'globex', user: 'u1' } })).status).toBe(201);
    expect((await send({ as: { user: 'u1' } })).status).toBe(429);
  });

  it('pays the weight of the route, and is refused what it can no longer pay', async () => {
    const { send } = limited({ limitGroup: 'read', weight: 10 });
    const { before } = await until(429, send);
    expect(before).toBe(10);
  });

  it('is foreseen without a write, as often as it comes', async () => {
    const { send, writes } = limited();
    await until(429, send);
    writes.mockClear();
    for (let times = 0; times < 20; times++) expect((await send()).status).toBe(429);
    expect(writes).not.toHaveBeenCalled();
  });

  it('gets nowhere by saying that it came from elsewhere', async () => {
    const { send } = limited();
    let n = 0;
    const spoofing = () =>
      send({
        headers: {
          'x-forwarded-for': `198.51.100.${n++ % 250}`,
          forwarded: 'for=198.51.100.1',
          'x-real-ip': '198.51.100.2',
          authorization: 'Bearer a.b.c',
        },
      });
    expect((await until(429, spoofing)).before).toBe(30);
  });
});

describe('a caller who is not let in', () => {
  it('is charged by address, and in the end told to wait instead of why', async () => {
    const { send, clock, exits } = limited();
    const { answer, before } = await until(429, () => send(bad));
    expect(before).toBe(30);
    expect(answer.body['violated-policies']).toEqual(['ip-write']);
    expect(exits.at(-1)).toMatchObject({ status: 429, problemSlug: 'rate-limited' });
    clock.nowMs += Number(answer.headers['retry-after']) * 1_000;
    expect((await send(bad)).status).toBe(401);
  });

  it('costs no write then', async () => {
    const { send, writes } = limited();
    await until(429, () => send(bad));
    writes.mockClear();
    for (let times = 0; times < 20; times++) expect((await send(bad)).status).toBe(429);
    expect(writes).not.toHaveBeenCalled();
  });

  it('is not in the way of a caller who is known, at the same address', async () => {
    const { send } = limited();
    await until(429, () => send(bad));
    expect((await send()).status).toBe(201);
  });

  it.each([
    ['no token', { headers: { authorization: undefined } }],
    ['a token of another tenant', { headers: { 'x-tenant-id': 'globex' } }],
  ])('with %s is charged alike', async (_, event) => {
    const { send } = limited();
    expect((await until(429, () => send(event))).before).toBe(30);
    expect((await send(event)).status).toBe(429);
  });

  it('because of a role is charged alike', async () => {
    const ring = keyring({ source: memorySource(signingKey), subject: 'token-signing' });
    const verify = (token: string) => verifyToken(token, ring);
    const { send } = limited({}, { access: { roles: ['service'], verify } });
    expect((await send()).status).toBe(403);
    expect((await until(429, send)).before).toBe(29);
  });

  it('is one for a whole /64, and for IPv4 in either form', async () => {
    const { send } = limited();
    await until(429, () => send({ ...bad, sourceIp: '2001:db8:0:1::1' }));
    expect((await send({ ...bad, sourceIp: '2001:DB8:0:1:ffff::2' })).status).toBe(429);
    expect((await send({ ...bad, sourceIp: '2001:db8:0:2::1' })).status).toBe(401);
    await until(429, () => send({ ...bad, sourceIp: '192.0.2.9' }));
    expect((await send({ ...bad, sourceIp: '::ffff:192.0.2.9' })).status).toBe(429);
    expect((await send({ ...bad, sourceIp: '192.0.2.10' })).status).toBe(401);
  });

  it.each([null, '', 'unknown', '1.2.3.4, 5.6.7.8', '\u0000'])(
    'and whose address is %j shares one limit with its like, and makes no fault',
    async (sourceIp) => {
      const { send, faults } = limited();
      await until(429, () => send({ ...bad, sourceIp: null }));
      expect((await send({ ...bad, sourceIp })).status).toBe(429);
      expect((await send({ ...bad, sourceIp: '192.0.2.1' })).status).toBe(401);
      expect(faults).toEqual([]);
    },
  );

  it('is not charged again for a refusal of the route itself', async () => {
    const { send } = limited({}, { answer: () => Promise.reject(new Problem('forbidden')) });
    const { status, headers } = await send();
    expect(status).toBe(403);
    expect(readList(headers['ratelimit'] ?? '')).toHaveLength(4);
    expect((await until(429, () => send(bad))).before).toBe(30);
  });

  it('is not charged for what the limits have counted, nor for what is too large to look at', async () => {
    const { send, writes } = limited();
    await send({ body: '{}' });
    const counted = writes.mock.calls.length;
    await send({ body: '{}', as: { user: 'u2' } });
    expect(counted).toBe(4);
    writes.mockClear();
    const { status } = await send({ headers: { 'x-filler': 'x'.repeat(9_000) } });
    expect(status).toBe(431);
    expect(writes).not.toHaveBeenCalled();
  });
});

describe('when the store of the limits is down', () => {
  const down: ItemWriter = { write: () => Promise.reject(new Error('no store')) };

  it('an open route lets calls pass, and says nothing of limits', async () => {
    const { send, metrics } = limited({ limitsDown: 'open' }, { store: down });
    const { status, headers } = await send();
    expect([status, headers['ratelimit-policy']]).toEqual([201, undefined]);
    expect(metrics).toEqual([['LimitsDegraded', 1, { outcome: 'open' }]]);
  });

  it('a closed one answers that something does not answer, and when to come back', async () => {
    const { send, calls, metrics } = limited({ limitsDown: 'closed' }, { store: down });
    const { status, headers, body } = await send();
    expect([status, body.type, headers['retry-after']]).toEqual([
      503,
      '/problems/dependency-unavailable',
      '1',
    ]);
    expect(calls).toEqual([]);
    expect(metrics).toEqual([['LimitsDegraded', 1, { outcome: 'closed' }]]);
  });

  it('an insured one allows a tenth, then refuses as it always does', async () => {
    const { send } = limited({}, { store: down });
    const { answer, before } = await until(429, send);
    expect(before).toBe(5);
    expect(answer.body['violated-policies']).toEqual(['user-write']);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.headers['ratelimit']).toBeUndefined();
  });

  it('a refused token is a refused token, also on a closed route, and a flood still ends', async () => {
    const { send } = limited({ limitsDown: 'closed' }, { store: down });
    expect((await send(bad)).status).toBe(401);
    expect((await until(429, () => send(bad))).before).toBe(2);
  });
});
