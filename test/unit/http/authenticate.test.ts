/** The border between tenants, attempt by attempt: the answer, and what is told of it. */
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { demoTenants } from '#functions/tables/tiers.ts';
import { isReservedTenant, isTenant } from '#shared/auth/tenant.ts';
import { signToken, verifyToken } from '#shared/auth/token.ts';
import type { Violation } from '#shared/http/authenticate.ts';
import type { GatewayEvent } from '#shared/http/gateway-event.ts';
import type { Limit } from '#shared/http/rate-limit.ts';
import { bearer, edge, signingKey, unlimited, validEvent } from './edge.ts';

const by = { tenant: 'acme', user: 'u1', role: 'user' };

/** Says of each violation what was told before the answer, and whether the route was reached. */
function border(options: Parameters<typeof edge>[0] = {}) {
  const told: Violation[] = [];
  const { send, calls } = edge({
    onViolation: (violation) => void told.push(violation),
    ...options,
  });
  return {
    told,
    calls,
    async attempt(event: Parameters<typeof validEvent>[0]) {
      const { status, body } = await send((await validEvent(event)) as GatewayEvent);
      return { status, type: body.type };
    },
  };
}

const tokenOf = (tid: unknown) =>
  new SignJWT({ tid, role: 'user' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: signingKey.id })
    .setSubject('u1')
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(signingKey.value));

const mismatch = { status: 403, type: '/problems/tenant-mismatch' };

describe('a tenant that is named', () => {
  it.each([
    ['nowhere', {}],
    ['in the header', { headers: { 'x-tenant-id': 'acme' } }],
    ['in the header, in another case', { headers: { 'X-TENANT-ID': 'acme' } }],
    ['in a list of one value', { multiValueHeaders: { 'x-tenant-id': ['acme'] } }],
  ])('as the token has it, %s, is let through', async (_, event) => {
    const valid = (await validEvent()).headers ?? {};
    const many = Object.fromEntries(
      Object.entries(valid).map(([name, text]) => [name, [`${text}`]]),
    );
    const { attempt, told, calls } = border();
    const { status } = await attempt(
      'multiValueHeaders' in event
        ? { multiValueHeaders: { ...many, ...event.multiValueHeaders } }
        : event,
    );
    expect([status, told, calls.length]).toEqual([201, [], 1]);
  });

  // biome-ignore format: a table
  it.each<[string, Parameters<typeof validEvent>[0], string, string]>([
    ['another in the header',       { headers: { 'x-tenant-id': 'globex' } }, 'header', 'globex'],
    ['its own in capitals',         { headers: { 'x-tenant-id': 'ACME' } }, 'header', 'ACME'],
    ['its own with a blank before', { headers: { 'x-tenant-id': ' acme' } }, 'header', ' acme'],
    ['its own with a blank behind', { headers: { 'x-tenant-id': 'acme ' } }, 'header', 'acme '],
    ['its own, encoded',            { headers: { 'x-tenant-id': '%61cme' } }, 'header', '%61cme'],
    ['its own and more of a key',   { headers: { 'x-tenant-id': 'acme#order' } }, 'header', 'acme#order'],
    ['nothing',                     { headers: { 'x-tenant-id': '' } }, 'header', ''],
    ['its own twice, with a comma', { headers: { 'x-tenant-id': 'acme,acme' } }, 'header', 'acme,acme'],
    ['its own, sent twice',         { multiValueHeaders: { 'X-Tenant-Id': ['acme', 'acme'] } }, 'header', 'acme, acme'],
    ['another behind its own',      { multiValueHeaders: { 'X-Tenant-Id': ['acme', 'globex'] } }, 'header', 'acme, globex'],
    ['another before its own',      { multiValueHeaders: { 'x-tenant-id': ['globex', 'acme'] } }, 'header', 'globex, acme'],
    ['in two cases of the header',  { multiValueHeaders: { 'x-tenant-id': ['acme'], 'X-Tenant-Id': ['globex'] } }, 'header', 'acme, globex'],
    ['a reserved one',              { headers: { 'x-tenant-id': 'system' } }, 'header', 'system'],
    ['what a program writes',       { headers: { 'x-tenant-id': 'undefined' } }, 'header', 'undefined'],
    ['a property of every object',  { headers: { 'x-tenant-id': 'constructor' } }, 'header', 'constructor'],
    ['another in the path',         { pathParameters: { tenant: 'globex' } }, 'path', 'globex'],
    ['a reserved one in the path',  { pathParameters: { tenant: 'root' } }, 'path', 'root'],
    ['in both, differently',        { pathParameters: { tenant: 'globex' }, headers: { 'x-tenant-id': 'acme' } }, 'path', 'globex'],
    ['its own only in the path',    { pathParameters: { tenant: 'acme' }, headers: { 'x-tenant-id': 'globex' } }, 'header', 'globex'],
  ])('as %s is refused, and told once', async (_, event, place, named) => {
    const { attempt, told, calls } = border();
    expect(await attempt(event)).toEqual(mismatch);
    expect(told).toEqual([{ place, named, by }]);
    expect(calls).toEqual([]);
  });

  it('is told of before a role that the route does not take is', async () => {
    const { attempt, told } = border({
      access: {
        roles: ['admin'],
        verify: async () => ({ verified: true, caller: { ...by, role: 'user' } }),
      },
    });
    expect(await attempt({ headers: { 'x-tenant-id': 'globex' } })).toEqual(mismatch);
    expect(told).toHaveLength(1);
  });

  it('without a token is nobody’s attempt', async () => {
    const { attempt, told } = border();
    const headers = { authorization: undefined, 'x-tenant-id': 'globex' };
    expect(await attempt({ headers })).toMatchObject({ status: 401 });
    expect(told).toEqual([]);
  });

  it('is not refused before what is told of it is done', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const order: string[] = [];
    const { attempt } = border({ onViolation: () => promise.then(() => void order.push('told')) });
    const answered = attempt({ headers: { 'x-tenant-id': 'globex' } }).then(() =>
      order.push('answered'),
    );
    resolve();
    await answered;
    expect(order).toEqual(['told', 'answered']);
  });

  it('is counted by the limits while it is being told of', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit: Limit = {
      ...unlimited,
      charge: async () => {
        resolve();
        return { headers: {} };
      },
    };
    const { attempt } = border({ onViolation: () => promise, limit });
    expect(await attempt({ headers: { 'x-tenant-id': 'globex' } })).toMatchObject({ status: 403 });
  });

  it('is a fault of ours where it cannot be told of', async () => {
    const onViolation = () => Promise.reject(new Error('no pseudonyms'));
    const { attempt } = border({ onViolation });
    expect(await attempt({ headers: { 'x-tenant-id': 'globex' } })).toMatchObject({ status: 500 });
  });
});

describe('the tenant of a token', () => {
  it.each([[undefined], [null], [''], [' '], ['\t']])('that is %o is asked for', async (tid) => {
    const { attempt, told } = border();
    const headers = { authorization: `Bearer ${await tokenOf(tid)}`, 'x-tenant-id': 'acme' };
    expect(await attempt({ headers })).toEqual({ status: 400, type: '/problems/tenant-missing' });
    expect(told).toEqual([]);
  });

  it.each(['system', 'public', 'none', 'others'])(
    '%s is forbidden, and told under the name it claims',
    async (tid) => {
      const { attempt, told, calls } = border();
      const headers = { authorization: `Bearer ${await tokenOf(tid)}` };
      expect(await attempt({ headers })).toEqual({ status: 403, type: '/problems/forbidden' });
      expect(told).toEqual([{ place: 'token', named: tid, by: { ...by, tenant: tid } }]);
      expect(calls).toEqual([]);
    },
  );

  it.each(['Acme', 'acme#', 'a/b', ' acme', 7, ['acme'], { tid: 'acme' }, true])(
    '%o is no name: the token is not valid',
    async (tid) => {
      const { attempt, told } = border();
      const headers = { authorization: `Bearer ${await tokenOf(tid)}` };
      expect(await attempt({ headers })).toMatchObject({ status: 401 });
      expect(told).toEqual([]);
    },
  );

  it('is told of only where the token is good', async () => {
    const { attempt, told } = border();
    const forged = `${(await tokenOf('system')).slice(0, -4)}AAAA`;
    expect(await attempt({ headers: { authorization: `Bearer ${forged}` } })).toMatchObject({
      status: 401,
    });
    expect(told).toEqual([]);
  });
});

describe('the reserved names', () => {
  // biome-ignore format: a table
  const reserved = [
    'holdfast', 'system', 'internal', 'service', 'public', 'anonymous', 'guest',
    'root', 'admin', 'administrator', 'superuser', 'operator', 'support',
    'all', 'any', 'every', 'everyone', 'global', 'shared', 'default', 'other', 'others',
    'none', 'nobody', 'null', 'nil', 'nan', 'undefined', 'unknown', 'empty', 'true', 'false',
  ];

  it.each(reserved)('%s has no token, neither made nor taken', async (tenant) => {
    expect(isTenant(tenant)).toBe(true);
    await expect(
      signToken({ tenant, user: 'u1', role: 'user' }, { key: signingKey, expiresInMs: 60_000 }),
    ).rejects.toThrow(/^tenant must/);
    const key = async () => signingKey;
    expect(await verifyToken(await tokenOf(tenant), { key })).toMatchObject({
      verified: false,
      because: 'tenant-reserved',
    });
  });

  it.each(Object.keys(demoTenants))('leave %s to its tenant', async (tenant) => {
    expect(isReservedTenant(tenant)).toBe(false);
    const { attempt } = border();
    expect(await attempt({ headers: { authorization: await bearer({ tenant }) } })).toMatchObject({
      status: 201,
    });
  });
});
