import { describe, expect, it } from 'vitest';
import { DeadlineExceededError } from '#shared/deadline/deadline.ts';
import type { Call } from '#shared/http/call.ts';
import { members } from '#shared/http/chain.ts';
import { Problem } from '#shared/http/problem.ts';
import { readTraceparent } from '#shared/telemetry/trace.ts';
import { bearer, edge, validBody, validEvent } from './edge.ts';

describe('the chain', () => {
  it('has its members in the order of the design', () => {
    const options = {
      route: 'r',
      method: 'GET',
      budgetMs: 1,
      contract: {},
      access: 'anonymous',
      onExit: () => {},
      onFault: () => {},
    } as const;
    expect(members(options).map(({ name }) => name)).toEqual([
      'observe',
      'problems',
      'limits',
      'deadline',
      'authenticate',
      'shed',
      'rate-limit',
      'validate',
      'if-match',
      'idempotency-key',
    ]);
  });

  // biome-ignore format: a table, one fault more a row
  it.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['idempotency-key-missing', {}],
    ['invalid-request',         { body: '{}' }],
    ['unauthenticated',         { body: '{}', authorization: undefined }],
    ['invalid-request',         { body: '{}', authorization: undefined, 'x-deadline-ms': '0' }],
    ['unsupported-media-type',  { body: '{}', authorization: undefined, 'x-deadline-ms': '0', 'content-type': 'text/plain' }],
  ])('meets %s first in a request that is wrong in ever more ways', async (slug, { body, ...headers }) => {
    const event = await validEvent({
      headers: { 'idempotency-key': undefined, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    expect((await edge().send(event)).body.type).toBe(`/problems/${slug}`);
  });
});

describe('a call', () => {
  it('carries what the members read', async () => {
    const { send, calls } = edge();
    await send(
      await validEvent({
        requestContext: { requestId: 'req-1' } as never,
        headers: { 'X-Custom': 'a' },
        queryStringParameters: { limit: '7' },
        pathParameters: { id: 'o-1' },
      }),
    );
    expect(calls).toEqual([
      {
        route: 'create-order',
        requestId: 'req-1',
        trace: expect.anything(),
        method: 'POST',
        path: '/orders',
        headers: expect.objectContaining({ 'x-custom': 'a' }),
        query: { limit: '7' },
        caller: { tenant: 'acme', user: 'u1', role: 'user' },
        input: { body: validBody, query: { limit: 7 }, path: { id: 'o-1' } },
        idempotencyKey: 'k-1',
        deadline: expect.anything(),
        delaySeconds: 0,
      },
    ]);
  });

  it('is the same whatever the case of its header names, and whichever map has them', async () => {
    const { send, calls } = edge();
    const { headers, ...event } = await validEvent();
    const upper = Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [name.toUpperCase(), text]),
    );
    const many = Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [name, [String(text)]]),
    );
    for (const form of [
      { headers: headers ?? {} },
      { headers: upper },
      { multiValueHeaders: many },
      { headers: upper, multiValueHeaders: many },
    ])
      expect((await send({ ...event, ...form })).status).toBe(201);
    expect(new Set(calls.map(({ headers }) => JSON.stringify(headers))).size).toBe(1);
  });

  it('may come in base64', async () => {
    const { send, calls } = edge();
    const body = Buffer.from(JSON.stringify({ ...validBody, address: 'Straße 1' }));
    await send(await validEvent({ body: body.toString('base64'), isBase64Encoded: true }));
    expect(calls[0]?.input).toMatchObject({ body: { address: 'Straße 1' } });
  });

  it('of a route for anyone is anonymous, whatever token or tenant comes with it', async () => {
    const { send, calls } = edge({ access: 'anonymous', method: 'GET', contract: {} });
    await send({
      httpMethod: 'GET',
      headers: { authorization: 'nonsense', 'x-tenant-id': 'acme' },
    });
    expect(calls[0]).toMatchObject({
      caller: { tenant: 'public', user: 'anonymous', role: 'anonymous' },
      idempotencyKey: undefined,
    });
  });

  it('of a reading route has no key, even if one is sent', async () => {
    const { send, calls } = edge({ method: 'GET', contract: {} });
    await send(await validEvent({ httpMethod: 'GET', body: null }));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.idempotencyKey).toBeUndefined();
  });

  it.each(['user', 'admin', 'service'] as const)(
    'may be made by a %s of the tenant it names',
    async (role) => {
      const { send, calls } = edge();
      const authorization = await bearer({ role });
      const event = await validEvent({
        headers: { authorization, 'x-tenant-id': 'acme' },
        pathParameters: { tenant: 'acme' },
      });
      const withTenant = edge({ contract: {} });
      expect((await send({ ...event, pathParameters: null })).status).toBe(201);
      expect(calls[0]?.caller.role).toBe(role);
      expect((await withTenant.send(event)).body.type).toBe('/problems/invalid-request');
    },
  );
});

describe('a trace', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const xray = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  // biome-ignore format: a table
  it.each([
    ['goes on from traceparent',             { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-amzn-trace-id': xray }, traceId],
    ['goes on from X-Ray’s header',          { 'X-Amzn-Trace-Id': xray }, '5759e988bd862e3fe1be46a994272793'],
    ['goes on from X-Ray’s, past a bad one', { traceparent: 'mine', 'x-amzn-trace-id': xray }, '5759e988bd862e3fe1be46a994272793'],
    ['begins anew without either',           {}, undefined],
  ])('%s', async (_, headers, expected) => {
    const { send, calls } = edge();
    const { headers: sent } = await send(await validEvent({ headers }));
    const trace = readTraceparent(sent['traceparent']);
    expect(trace).toEqual(calls[0]?.trace);
    if (expected) expect(trace?.traceId).toBe(expected);
    expect(trace?.spanId).not.toBe('00f067aa0ba902b7');
  });

  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  // biome-ignore format: a table
  it.each([
    ['the gateway keeps', '00', `${root};Sampled=1`, true],
    ['the gateway drops', '01', `${root};Sampled=0`, false],
    ['the gateway has not decided on, but its caller', '01', root, true],
    ['the gateway leaves open, and its caller drops', '00', `${root};Sampled=?`, false],
    ['only its caller tells of', '01', undefined, true],
  ])('that %s is sampled accordingly', async (_, flags, xray, sampled) => {
    const { send, calls } = edge();
    const traceparent = `00-${traceId}-00f067aa0ba902b7-${flags}`;
    await send(await validEvent({ headers: { traceparent, 'x-amzn-trace-id': xray } }));
    expect(calls[0]?.trace).toMatchObject({ traceId, sampled });
  });
});

describe('an answer', () => {
  it('has the headers of every answer, and its own over them', async () => {
    const { send } = edge({
      answer: async () => ({
        status: 201,
        headers: { location: '/orders/1', 'cache-control': 'max-age=1' },
        body: {},
      }),
    });
    const { headers } = await send(
      await validEvent({ requestContext: { requestId: 'req-1' } as never }),
    );
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'max-age=1',
      location: '/orders/1',
      'x-request-id': 'req-1',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.any(String),
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('x-request-id'),
      traceparent: expect.any(String),
    });
  });

  it('without a body has no content type', async () => {
    const { send } = edge({ answer: async () => ({ status: 204 }) });
    const { status, headers, body } = await send(await validEvent());
    expect([status, body, headers['content-type']]).toEqual([204, undefined, undefined]);
  });

  it('is recorded once, with its time', async () => {
    const clock = [100, 142.5];
    const { send, exits } = edge({ elapsedMs: () => clock.shift() ?? Number.NaN });
    await send(await validEvent());
    expect(exits).toEqual([
      {
        arrival: expect.objectContaining({ route: 'create-order' }),
        caller: { tenant: 'acme', user: 'u1', role: 'user' },
        status: 201,
        durationMs: 42.5,
        problemSlug: undefined,
      },
    ]);
  });
});

describe('what a route throws', () => {
  const throwing = (error: unknown, options = {}) =>
    edge({ answer: () => Promise.reject(error), ...options });

  it('as a problem is its answer, and below 500 no fault', async () => {
    const { send, faults, exits } = throwing(
      new Problem('not-found', { detail: 'No such order.', cause: new Error('secret') }),
    );
    const { status, body } = await send(await validEvent());
    expect([status, body.detail]).toEqual([404, 'No such order.']);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(faults).toEqual([]);
    expect(exits).toMatchObject([{ status: 404, problemSlug: 'not-found' }]);
  });

  it.each([new Error('password=1234'), 'text', undefined, null, { status: 200 }])(
    'unforeseen (%o) is internal, says nothing, and is handed over once',
    async (error) => {
      const { send, faults, exits } = throwing(error);
      const { status, body, headers } = await send(await validEvent());
      expect(status).toBe(500);
      expect(body).toEqual({
        type: '/problems/internal',
        title: 'The service failed',
        status: 500,
        instance: headers['x-request-id'],
      });
      expect(faults).toMatchObject([
        { error, failure: { slug: 'internal', caller: { user: 'u1' } } },
      ]);
      expect(exits).toMatchObject([{ status: 500, problemSlug: 'internal' }]);
    },
  );

  it('and is known is the problem that it means, with its cause handed over', async () => {
    const cause = new TypeError('known');
    const { send, faults } = throwing(cause, {
      toProblem: (error: unknown) =>
        error instanceof TypeError
          ? new Problem('dependency-unavailable', { retryAfterMs: 1_200 })
          : undefined,
    });
    const { status, headers } = await send(await validEvent());
    expect([status, headers['retry-after']]).toEqual([503, '2']);
    expect(faults).toMatchObject([{ error: cause, failure: { slug: 'dependency-unavailable' } }]);
  });

  it('is internal when the answer cannot be JSON, and there is one record', async () => {
    const { send, exits, faults } = edge({
      answer: async () => ({ status: 200, body: { n: 1n } }),
    });
    expect((await send(await validEvent())).status).toBe(500);
    expect(exits).toMatchObject([{ status: 500, problemSlug: 'internal' }]);
    expect(faults).toHaveLength(1);
  });
});

describe('the deadline', () => {
  const left = async (options: object, headers = {}) => {
    const { send, calls } = edge(options);
    await send(await validEvent({ headers }));
    return Math.ceil((calls[0]?.deadline.remainingMs() ?? 0) / 100) * 100;
  };

  it.each([
    ['the route’s budget', { budgetMs: 3_000 }, {}, 3_000],
    [
      'what the function has left, but for a margin',
      { remainingMs: 2_000, marginMs: 500 },
      {},
      1_500,
    ],
    ['what the caller gives', {}, { 'X-Deadline-Ms': '800' }, 800],
    [
      'never more than the route’s budget',
      { budgetMs: 3_000 },
      { 'x-deadline-ms': '60000' },
      3_000,
    ],
  ])('is %s', async (_, options, headers, expected) => {
    expect(await left(options, headers)).toBe(expected);
  });

  it('that has passed before the work begins ends the request there', async () => {
    const { send, calls, exits } = edge({ remainingMs: 100 });
    const { status, body } = await send(await validEvent());
    expect([status, body.type]).toEqual([504, '/problems/deadline-exceeded']);
    expect(calls).toEqual([]);
    expect(exits).toMatchObject([{ status: 504 }]);
  });

  const aborted = ({ deadline }: Call) =>
    new Promise<never>((_, reject) =>
      deadline.signal.addEventListener('abort', () =>
        reject(Object.assign(new Error('aborted'), { name: 'AbortError' })),
      ),
    );

  it.each<[string, (call: Call) => Promise<never>]>([
    ['a refusal to start', () => Promise.reject(new DeadlineExceededError('3 ms are left'))],
    ['an aborted call', aborted],
  ])('passing in the route, seen as %s, is deadline-exceeded', async (_, answer) => {
    const { send } = edge({ answer, budgetMs: 20 });
    const keepAlive = setTimeout(() => {}, 1_000);
    const { status, body } = await send(await validEvent());
    clearTimeout(keepAlive);
    expect([status, body.type]).toEqual([504, '/problems/deadline-exceeded']);
  });

  // biome-ignore format: a table
  it.each<[string, string, string, object]>([
    ['is shortest',                     'caller-deadline-exceeded', '1',     {}],
    ['is longer than the budget',       'deadline-exceeded',        '60000', { budgetMs: 1 }],
    ['is longer than the function has', 'deadline-exceeded',        '1000',  { remainingMs: 2_000, marginMs: 1_999 }],
    ['is no shorter than ours',         'deadline-exceeded',        '1',     { budgetMs: 1 }],
  ])('of the caller that %s, when it is over, is %s', async (_, slug, text, options) => {
    const { send, exits, faults } = edge({
      answer: () => Promise.reject(new DeadlineExceededError('0 ms are left')),
      ...options,
    });
    const { status, body } = await send(await validEvent({ headers: { 'x-deadline-ms': text } }));
    const expected = slug === 'deadline-exceeded' ? 504 : 408;
    expect([status, body.type]).toEqual([expected, `/problems/${slug}`]);
    expect(exits).toMatchObject([{ status, problemSlug: slug }]);
    expect(faults).toHaveLength(status === 504 ? 1 : 0);
  });

  it.each(['1', 'soon'])('of a caller whom nobody knows (%s) is not looked at', async (text) => {
    const { send, calls } = edge({ access: 'anonymous', method: 'GET', contract: {} });
    const { status } = await send({ httpMethod: 'GET', headers: { 'x-deadline-ms': text } });
    expect(status).toBe(201);
    expect(calls[0]?.deadline.remainingMs()).toBeGreaterThan(4_000);
  });

  it('does not excuse what was aborted for another reason', async () => {
    const error = Object.assign(new Error('aborted'), { name: 'AbortError' });
    expect(
      (await edge({ answer: () => Promise.reject(error) }).send(await validEvent())).status,
    ).toBe(500);
  });
});
