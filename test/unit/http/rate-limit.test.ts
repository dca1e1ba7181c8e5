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
import { gaugeAt } from '../pressure/gauge-at.ts';
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
    ['a priority that is none', { headers: { 'x-priority': 'urgent' } }, 400],
    ['a deadline that is none', { headers: { 'x-deadline-ms': 'soon' } }, 400],
    ['headers that are too large', { headers: { 'x-filler': 'x'.repeat(9_000) } }, 431],
    ['a body that is too large', { body: 'x'.repeat(300_000) }, 413],
    ['a body that is no JSON', { headers: { 'content-type': 'text/plain' } }, 415],
  ] as const)('to %s says where its caller stands', async (_, event, status) => {
    const shed = { priority: 'HIGH', gauge: gaugeAt('NORMAL') } as const;
    const answer = await limited({}, { shed }).send(event);
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
    expect(answer.body['violated-policies']).toEqual(['ip-anonymous-write']);
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

  it('is told of a policy that no caller who is known has', async () => {
    const { send } = limited();
    const [theirs = [], ours = []] = [await send(bad), await send()].map(({ headers }) =>
      readList(headers['ratelimit-policy'] ?? '').map(({ value }) => value),
    );
    expect(theirs).toEqual(['ip-anonymous-write']);
    expect(ours).not.toContain(theirs[0]);
  });

  it.each([
    ['no token', { headers: { authorization: undefined } }],
    ['headers that are too large', { headers: { 'x-filler': 'x'.repeat(9_000) } }],
    ['a body that is too large', { body: 'x'.repeat(300_000) }],
    ['a body that is no JSON', { headers: { 'content-type': 'text/plain' } }],
    ['a deadline that is none', { headers: { 'x-deadline-ms': 'soon' } }],
  ])('with %s is charged alike', async (_, event) => {
    const { send } = limited();
    expect((await until(429, () => send(event))).before).toBe(30);
    expect((await send(event)).status).toBe(429);
    expect((await send(bad)).status).toBe(429);
  });

  it('with a token for a reserved tenant is charged alike, and each is a violation', async () => {
    const claimed = { tenant: 'system', user: 'u1', role: 'user' } as const;
    const verify = async () => ({ verified: false, because: 'tenant-reserved', claimed }) as const;
    const onViolation = vi.fn();
    const { send } = limited({}, { access: { roles: ['user'], verify }, onViolation });
    expect((await until(429, send)).before).toBe(30);
    expect(onViolation).toHaveBeenCalledTimes(31);
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

  it('is not charged for what the limits have counted', async () => {
    const { send, writes } = limited();
    await send({ body: '{}' });
    expect(writes).toHaveBeenCalledTimes(4);
  });

  it('is not charged for a fault of ours, nor for what was turned away under pressure', async () => {
    const verify = () => Promise.reject(new Error('no key'));
    const shed = { priority: 'LOW', gauge: gaugeAt('SHED') } as const;
    for (const options of [{ access: { roles: ['user'], verify } as const }, { shed }]) {
      const { send, writes } = limited({}, options);
      const { status, headers } = await send();
      expect(status).toBeGreaterThanOrEqual(500);
      expect(headers['ratelimit-policy']).toBeUndefined();
      expect(writes).not.toHaveBeenCalled();
    }
  });
});

describe('a caller who is known, and may not do this', () => {
  const access = () => {
    const ring = keyring({ source: memorySource(signingKey), subject: 'token-signing' });
    return { roles: ['service'], verify: (token: string) => verifyToken(token, ring) } as const;
  };

  it.each([
    ['because of a role', {}, { access: access() }],
    ['in the name of another tenant', { headers: { 'x-tenant-id': 'globex' } }, {}],
  ])('%s is charged as for any call, and the address is left alone', async (_, event, options) => {
    const { send } = limited({}, options);
    const { answer, before } = await until(429, () => send(event));
    expect(before).toBe(50);
    expect(answer.body['violated-policies']).toEqual(['user-write']);
    expect((await send({ ...event, as: { user: 'u2' } })).status).toBe(403);
    expect((await send(bad)).status).toBe(401);
  });

  it('pays the weight of the route', async () => {
    const { send } = limited({ limitGroup: 'read', weight: 10 }, { access: access() });
    expect((await until(429, send)).before).toBe(10);
  });

  it('is told so while the store of the limits is down, also on a closed route', async () => {
    const store: ItemWriter = { write: () => Promise.reject(new Error('no store')) };
    const { send } = limited({ limitsDown: 'closed' }, { store, access: access() });
    expect((await send()).status).toBe(403);
  });
});

describe('a priority that is none', () => {
  it('is refused, and counted as any call', async () => {
    const shed = { priority: 'NORMAL', gauge: gaugeAt('NORMAL') } as const;
    const { send, calls } = limited({}, { shed });
    const { answer, before } = await until(429, () => send({ headers: { 'x-priority': '?' } }));
    expect(before).toBe(50);
    expect(answer.body['violated-policies']).toEqual(['user-write']);
    expect(calls).toEqual([]);
  });
});

describe('when the store of the limits is down', () => {
  const down: ItemWriter = { write: () => Promise.reject(new Error('no store')) };

  it('an open route lets calls pass, and says nothing of limits', async () => {
    const { send, metrics } = limited({ limitsDown: 'open' }, { store: down });
    const { status, headers } = await send();
    expect([status, headers['ratelimit-policy']]).toEqual([201, undefined]);
    expect(metrics).toEqual([
      ['LimitsDegraded', 1, { outcome: 'open' }],
      ['LimitsUnasked', 1, {}],
    ]);
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
    expect(metrics).toEqual([
      ['LimitsDegraded', 1, { outcome: 'closed' }],
      ['LimitsUnasked', 1, {}],
    ]);
  });

  it('a call is decided within the time that it has, and one without time pages nobody', async () => {
    const writes = vi.fn(() => new Promise<never>(() => {}));
    const { send, metrics } = limited({ limitsDown: 'open' }, { store: { write: writes } });
    const { status } = await send({ headers: { 'x-deadline-ms': '40' } });
    expect(status).toBe(408);
    expect(writes).toHaveBeenCalledTimes(1);
    expect(metrics).toEqual([['LimitsDegraded', 1, { outcome: 'open' }]]);
  });

  it('a closed call without time is no alarm either', async () => {
    const store: ItemWriter = { write: () => new Promise(() => {}) };
    const { send, metrics } = limited({ limitsDown: 'closed' }, { store });
    const { status } = await send({ headers: { 'x-deadline-ms': '40' } });
    expect(status).toBe(503);
    expect(metrics).toEqual([['LimitsDegraded', 1, { outcome: 'closed' }]]);
  });

  it('a refused token is charged however little time its caller gives', async () => {
    const { send, writes } = limited();
    const headers = { ...bad.headers, 'x-deadline-ms': '1' };
    expect((await send({ headers })).status).toBe(401);
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it('one broken bucket is its own caller’s matter', async () => {
    const store = memoryStore();
    const { send, metrics } = limited({ limitsDown: 'open' }, { store });
    await send();
    const [bucket] = store.items('state').filter(({ pk }) => /user/.test(String(pk)));
    const key = { pk: String(bucket?.['pk']) };
    await store.write({ put: { fullAtMs: 'x' }, at: { table: 'state', key } });
    for (let times = 0; times < 3; times++) expect((await send()).status).toBe(201);
    expect(metrics).toContainEqual(['LimitsUnasked', 1, {}]);
    expect((await send({ as: { user: 'u2' } })).headers['ratelimit']).toBeDefined();
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
