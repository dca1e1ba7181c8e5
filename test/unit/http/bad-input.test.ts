import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { GatewayEvent } from '#shared/http/gateway-event.ts';
import { type ProblemSlug, problemTypes } from '#shared/http/problem-types.ts';
import { bearer, edge, signingKey, validBody, validEvent } from './edge.ts';

type Event = Parameters<typeof validEvent>[0];

/** Sends a request that must end as this problem, short of the route. */
async function refused(event: GatewayEvent, slug: ProblemSlug) {
  const { send, calls, exits, faults } = edge();
  const answer = await send(event);
  expect(answer.body).toMatchObject({
    type: `/problems/${slug}`,
    title: problemTypes[slug].title,
    status: problemTypes[slug].status,
    instance: answer.headers['x-request-id'],
  });
  expect(answer.status).toBe(problemTypes[slug].status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': '*',
  });
  expect(calls).toEqual([]);
  expect(exits).toEqual([
    expect.objectContaining({
      status: answer.status,
      problemSlug: slug,
      durationMs: expect.any(Number),
    }),
  ]);
  expect(faults).toEqual([]);
  return answer;
}

const body = (value: unknown): Event => ({ body: JSON.stringify(value) });
const base64 = (bytes: Buffer | string): Event => ({
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
});
const lines = validBody.lines;

describe('a body', () => {
  // biome-ignore format: a table, one request a row
  it.each<[string, Event, string[]]>([
    ['that is missing',                        { body: null },                                       ['']],
    ['that is empty',                          { body: '' },                                         ['']],
    ['that is not JSON',                       { body: '{"lines":' },                                ['']],
    ['with a comma too many',                  { body: '{"address":"a",}' },                         ['']],
    ['of white space',                         { body: ' \n' },                                      ['']],
    ['that is null',                           body(null),                                           ['']],
    ['that is an array',                       body([validBody]),                                    ['']],
    ['that is a number',                       body(7),                                              ['']],
    ['nested a hundred thousand deep',         { body: '['.repeat(1e5) + ']'.repeat(1e5) },          ['']],
    ['that is JSON but not UTF-8',             base64(Buffer.from(JSON.stringify({ ...validBody, address: 'ÿ' }), 'latin1')), ['']],
    ['whose base64 is not JSON',               base64('hello'),                                      ['']],
    ['without a field',                        body({ lines }),                                      ['/address']],
    ['with a field of another type',           body({ ...validBody, address: 7 }),                   ['/address']],
    ['with a wrong type deep inside',          body({ ...validBody, lines: [{ itemId: 'tea', quantity: '2' }] }), ['/lines/0/quantity']],
    ['with a number out of range',             body({ ...validBody, lines: [{ itemId: 'tea', quantity: 0 }] }),   ['/lines/0/quantity']],
    ['with a number beyond all numbers',       { body: '{"address":"a","lines":[{"itemId":"a","quantity":1e999}]}' }, ['/lines/0/quantity']],
    ['with an unknown field',                  body({ ...validBody, colour: 'red' }),                ['/colour']],
    ['with an unknown field deep inside',      body({ ...validBody, lines: [{ itemId: 'tea', quantity: 2, price: 1 }] }), ['/lines/0/price']],
    ['with a field that needs escaping',       body({ ...validBody, 'a/b~c': 1 }),                   ['/a~1b~0c']],
    ['with several faults',                    body({ lines: [], colour: 1, size: 2 }),              ['/lines', '/address', '/colour', '/size']],
    ['that would change a prototype',          { body: `{"__proto__":{"admin":true},${JSON.stringify(validBody).slice(1)}` }, ['/__proto__']],
    ['that would change a constructor',        body({ ...validBody, constructor: { prototype: {} } }), ['/constructor']],
  ])('%s is invalid, and its faults are pointed at', async (_, event, pointers) => {
    const answer = await refused(await validEvent(event), 'invalid-request');
    const errors: { pointer: string; detail: string }[] = answer.body.errors;
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(pointers.sort());
    for (const { detail } of errors) expect(detail).not.toBe('');
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it('names at most 20 faults, and cuts what the caller made long', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, 1]));
    const crowded = await refused(
      await validEvent(body({ ...validBody, ...many })),
      'invalid-request',
    );
    expect(crowded.body.errors).toHaveLength(20);
    const long = await refused(
      await validEvent(body({ ...validBody, ['y'.repeat(5e4)]: 1 })),
      'invalid-request',
    );
    expect(JSON.stringify(long.body).length).toBeLessThan(1_000);
  });

  it.each([
    {},
    { 'content-type': undefined },
    { 'content-type': 'text/plain' },
    { 'content-encoding': 'gzip' },
  ])('is refused by a route that takes none, whatever it is (%o)', async (headers) => {
    const { send, calls } = edge({ contract: {} });
    const answer = await send(await validEvent({ headers }));
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ pointer: '', detail: 'this route takes no body' }],
    ]);
    expect(calls).toEqual([]);
  });

  const kib = 1024;
  it.each<[string, Event]>([
    ['text', { body: `"${'a'.repeat(256 * kib)}"` }],
    ['few characters but many bytes', { body: `"${'ä'.repeat(128 * kib)}"` }],
    ['base64', base64(`"${'a'.repeat(256 * kib)}"`)],
  ])('over 256 KiB, as %s, is too large', async (_, event) => {
    const answer = await refused(await validEvent(event), 'body-too-large');
    expect(answer.body.detail).toBe('A body may have at most 262144 bytes.');
  });

  it('of 256 KiB exactly is looked at', async () => {
    const filled = JSON.stringify({ ...validBody, address: '' });
    const full = { ...validBody, address: 'a'.repeat(256 * kib - filled.length) };
    for (const event of [body(full), base64(JSON.stringify(full))])
      expect((await edge().send(await validEvent(event))).status).toBe(201);
  });
});

describe('a content type', () => {
  it.each([
    undefined,
    '',
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/json, text/plain',
    'application/jsonp',
    'application/problem+json',
  ])('%o is refused with a body', async (type) => {
    const answer = await refused(
      await validEvent({ headers: { 'content-type': type } }),
      'unsupported-media-type',
    );
    expect(answer.headers['accept']).toBe('application/json');
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    ' application/json ; charset=utf-8 ',
  ])('%o is taken', async (type) => {
    const event = await validEvent({ headers: { 'content-type': type } });
    expect((await edge().send(event)).status).toBe(201);
  });

  it('of a compressed body is refused', async () => {
    const answer = await refused(
      await validEvent({ headers: { 'content-encoding': 'gzip' } }),
      'unsupported-media-type',
    );
    expect(answer.headers['accept-encoding']).toBe('identity');
  });

  it.each([undefined, 'text/plain'])('of a request without body may be %o', async (type) => {
    const { send } = edge({ method: 'GET', contract: {} });
    const event = await validEvent({
      httpMethod: 'GET',
      body: null,
      headers: { 'content-type': type },
    });
    expect((await send(event)).status).toBe(201);
  });
});

describe('headers', () => {
  it('over 8 KiB in all are too large, whichever of the two maps has them', async () => {
    await refused(
      await validEvent({ headers: { 'x-long': 'a'.repeat(8 * 1024) } }),
      'headers-too-large',
    );
    const many = await validEvent({ multiValueHeaders: { 'x-many': Array(900).fill('12345') } });
    await refused(many, 'headers-too-large');
  });
});

describe('query and path', () => {
  it.each<[string, Event, string]>([
    ['an unknown parameter', { queryStringParameters: { limt: '1' } }, 'limt'],
    ['a parameter of the wrong type', { queryStringParameters: { limit: 'ten' } }, 'limit'],
    ['a parameter out of range', { queryStringParameters: { limit: '101' } }, 'limit'],
    [
      'a parameter given twice',
      { multiValueQueryStringParameters: { limit: ['1', '2'] } },
      'limit',
    ],
    ['a path part of the wrong form', { pathParameters: { id: '../secrets' } }, 'id'],
    ['a path part nobody declared', { pathParameters: { shop: '1' } }, 'shop'],
  ])('%s is invalid', async (_, event, parameter) => {
    const answer = await refused(await validEvent(event), 'invalid-request');
    expect(answer.body.errors).toEqual([{ parameter, detail: expect.any(String) }]);
  });
});

const nowSeconds = Math.floor(Date.now() / 1000);
const claims = { sub: 'u1', tid: 'acme', role: 'user', exp: nowSeconds + 60 };
const header = { alg: 'HS256', typ: 'JWT', kid: signingKey.id };

interface Forged {
  readonly claims?: object;
  readonly header?: object;
  readonly secret?: string;
}

/** A token by hand: what a library would refuse to make. */
function forged({ claims: own = claims, header: its = header, secret = signingKey.value }: Forged) {
  const [head, payload] = [its, own].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url');
  return `${head}.${payload}.${signature}`;
}
const without = (name: string) => ({ ...claims, [name]: undefined });

describe('a token', () => {
  it('made by hand as it should be is taken', async () => {
    const event = await validEvent({ headers: { authorization: `Bearer ${forged({})}` } });
    expect((await edge().send(event)).status).toBe(201);
  });

  it('that is missing is asked for', async () => {
    const answer = await refused(
      await validEvent({ headers: { authorization: undefined } }),
      'unauthenticated',
    );
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('that has expired is refused as such', async () => {
    const token = forged({ claims: { ...claims, exp: nowSeconds - 1 } });
    const answer = await refused(
      await validEvent({ headers: { authorization: `Bearer ${token}` } }),
      'unauthenticated',
    );
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(answer.body.detail).toBe('The token has expired.');
  });

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rs256 = new SignJWT(claims)
    .setProtectedHeader({ ...header, alg: 'RS256' })
    .sign(privateKey);
  const [head, payload, signature] = forged({}).split('.') as [string, string, string];

  // biome-ignore format: a table, one forgery a row
  it.each<[string, string | Promise<string>]>([
    ['nothing',                          ''],
    ['not a token',                      'hello'],
    ['two parts of three',               `${head}.${payload}`],
    ['no signature',                     `${head}.${payload}.`],
    ['a cut signature',                  `${head}.${payload}.${signature.slice(0, -2)}`],
    ['a header that is not JSON',        `aGVsbG8.${payload}.${signature}`],
    ['a payload that is not an object',  forged({ claims: ['u1'] })],
    ['another payload',                  `${head}.${forged({ claims: { ...claims, role: 'admin' } }).split('.')[1]}.${signature}`],
    ['alg none',                         `${forged({ header: { ...header, alg: 'none' } }).split('.').slice(0, 2).join('.')}.`],
    ['alg none with a signature',        forged({ header: { ...header, alg: 'none' } })],
    ['alg nOnE',                         forged({ header: { ...header, alg: 'nOnE' } })],
    ['alg HS384 over an HS256 signature', forged({ header: { ...header, alg: 'HS384' } })],
    ['RS256 said of an HMAC',            forged({ header: { ...header, alg: 'RS256' } })],
    ['a true RS256 signature',           rs256],
    ['no alg',                           forged({ header: { ...header, alg: undefined } })],
    ['another secret',                   forged({ secret: 'another-secret-of-enough-length-00' })],
    ['an empty secret',                  forged({ secret: '' })],
    ['no kid',                           forged({ header: { ...header, kid: undefined } })],
    ['a kid that is no text',            forged({ header: { ...header, kid: 1 } })],
    ['an unknown kid',                   forged({ header: { ...header, kid: 'version-9' } })],
    ['a kid that is a path',             forged({ header: { ...header, kid: '../../dev/null' } })],
    ['a kid that every object has',      forged({ header: { ...header, kid: 'constructor' } })],
    ['its own key in the header',        forged({ header: { ...header, jwk: { kty: 'oct', k: '' } } , secret: 'x' })],
    ['an unknown critical header',       forged({ header: { ...header, crit: ['x'], x: 1 } })],
    ['another typ',                      forged({ header: { ...header, typ: 'at+jwt' } })],
    ['no typ',                           forged({ header: { ...header, typ: undefined } })],
    ['a time when it begins, not yet reached', forged({ claims: { ...claims, nbf: nowSeconds + 60 } })],
    ['no exp',                           forged({ claims: without('exp') })],
    ['an exp that is text',              forged({ claims: { ...claims, exp: String(claims.exp) } })],
    ['no sub',                           forged({ claims: without('sub') })],
    ['an empty sub',                     forged({ claims: { ...claims, sub: '' } })],
    ['a sub that is an object',          forged({ claims: { ...claims, sub: { a: 1 } } })],
    ['a sub of 129 characters',          forged({ claims: { ...claims, sub: 'u'.repeat(129) } })],
    ['a sub with a control character',   forged({ claims: { ...claims, sub: 'u\u0000' } })],
    ['a sub with half a surrogate pair', forged({ claims: { ...claims, sub: 'u\ud800' } })],
    ['a tid with half a surrogate pair', forged({ claims: { ...claims, tid: 'acme\ud800' } })],
    ['a kid with half a surrogate pair', forged({ header: { ...header, kid: '\ud800' } })],
    ['no role',                          forged({ claims: without('role') })],
    ['an unknown role',                  forged({ claims: { ...claims, role: 'root' } })],
    ['the role anonymous',               forged({ claims: { ...claims, role: 'anonymous' } })],
    ['roles in a list',                  forged({ claims: { ...claims, role: ['user'] } })],
    ['a tenant in capitals',             forged({ claims: { ...claims, tid: 'ACME' } })],
    ['a tenant that is a number',        forged({ claims: { ...claims, tid: 7 } })],
    ['a tenant of 64 characters',        forged({ claims: { ...claims, tid: 'a'.repeat(64) } })],
    ['a tenant with a key part',         forged({ claims: { ...claims, tid: 'acme#order' } })],
  ])('with %s is refused, without a word which check it failed', async (_, token) => {
    const event = await validEvent({ headers: { authorization: `Bearer ${await token}` } });
    const answer = await refused(event, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(answer.body.detail).toBe('The token is not valid.');
  });

  it.each(['Basic dTE6cHc=', 'Bearer', 'bearer', 'Token abc', 'Bearer a b'])(
    'under %o is refused',
    async (authorization) => {
      await refused(await validEvent({ headers: { authorization } }), 'unauthenticated');
    },
  );

  it('given twice is refused, though each of the two is good', async () => {
    const event = await validEvent({ headers: { authorization: undefined } });
    await refused(
      {
        ...event,
        multiValueHeaders: { Authorization: [await bearer(), await bearer({ tenant: 'globex' })] },
      },
      'unauthenticated',
    );
  });
});

describe('a tenant', () => {
  it.each([[without('tid')], [{ ...claims, tid: '' }]])(
    'missing from the token is asked for',
    async (own) => {
      const event = await validEvent({
        headers: { authorization: `Bearer ${forged({ claims: own })}` },
      });
      await refused(event, 'tenant-missing');
    },
  );

  it.each(['public', 'root', 'system', 'admin'])('%s is nobody’s', async (tid) => {
    const token = forged({ claims: { ...claims, tid } });
    await refused(await validEvent({ headers: { authorization: `Bearer ${token}` } }), 'forbidden');
  });

  it.each<[string, Event]>([
    ['the header', { headers: { 'X-Tenant-Id': 'globex' } }],
    ['an empty header', { headers: { 'x-tenant-id': '' } }],
    ['two headers', { multiValueHeaders: { 'X-Tenant-Id': ['acme', 'globex'] } }],
    ['the path', { pathParameters: { tenant: 'globex' } }],
  ])('other than the token’s in %s is refused', async (_, event) => {
    await refused(await validEvent(event), 'tenant-mismatch');
  });
});

describe('a role', () => {
  it('that the route does not take is refused', async () => {
    const { send, calls } = edge({
      access: {
        roles: ['admin'],
        verify: async () => ({
          verified: true,
          caller: { tenant: 'acme', user: 'u1', role: 'user' },
        }),
      },
    });
    const answer = await send(await validEvent());
    expect([answer.status, answer.body.type]).toEqual([403, '/problems/forbidden']);
    expect(calls).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  it('that is missing is asked for', async () => {
    await refused(
      await validEvent({ headers: { 'idempotency-key': undefined } }),
      'idempotency-key-missing',
    );
  });

  it.each([
    '',
    '   ',
    '""',
    'a'.repeat(256),
    `"${'a'.repeat(256)}"`,
    '"open',
    'a"b',
    '"a", "b"',
    'a, b',
    '"a";p=1',
    'ключ',
    '"\u0007"',
    'a\tb',
    '"a\\b"',
    '"a" b',
  ])('%o is not one', async (key) => {
    const answer = await refused(
      await validEvent({ headers: { 'idempotency-key': key } }),
      'idempotency-key-invalid',
    );
    expect(answer.body.detail).toMatch(/^The key .+\.$/);
  });

  it('given twice is not one', async () => {
    const event = await validEvent({ headers: { 'idempotency-key': undefined } });
    await refused(
      { ...event, multiValueHeaders: { 'Idempotency-Key': ['a', 'b'] } },
      'idempotency-key-invalid',
    );
  });
});

describe('a deadline of the caller', () => {
  it.each(['0', '-1', '1.5', '1e3', 'soon', '', ' ', '100ms', '99999999999'])(
    '%o is not one',
    async (text) => {
      const answer = await refused(
        await validEvent({ headers: { 'x-deadline-ms': text } }),
        'invalid-request',
      );
      expect(answer.body.errors).toEqual([{ header: 'x-deadline-ms', detail: expect.any(String) }]);
    },
  );
});

describe('an event that is none', () => {
  it.each<[string, GatewayEvent]>([
    ['empty', {}],
    [
      'full of nulls',
      {
        body: null,
        headers: null,
        multiValueHeaders: null,
        pathParameters: null,
        queryStringParameters: null,
      } as unknown as GatewayEvent,
    ],
  ])('%s is unauthenticated, not a fault', async (_, event) => {
    await refused(event, 'unauthenticated');
  });
});
