import type { Context } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { api, type Respond } from '#functions/api.ts';
import type { RouteContract } from '#functions/contract.ts';
import { contract as health } from '#functions/health/contract.ts';
import { patience } from '#functions/keyrings.ts';
import type { SecretName } from '#functions/tables/secrets.ts';
import { type Fields, type Scope, type Telemetry, telemetry } from '#functions/telemetry.ts';
import { pseudonyms } from '#shared/auth/pseudonym.ts';
import type { GatewayEvent } from '#shared/http/gateway-event.ts';
import {
  ContentionError,
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
} from '#shared/idempotency/errors.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { gaugeAt } from '../pressure/gauge-at.ts';
import { bearer, signingKey, unlimited, validEvent } from './edge.ts';

const pseudonymKey = { id: 'p1', value: 'pseudonym-key' };
const names = pseudonyms({ tenant: 'acme', user: 'u1' }, pseudonymKey.value);

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Fields;
  readonly extra: unknown;
}

/** Telemetry that keeps what it is told. */
function recorder() {
  const lines: Line[] = [];
  const metrics: unknown[] = [];
  const events: ResilienceEvent[] = [];
  const signals: Telemetry = {
    scope({ trace, correlationId, fields = {} }) {
      const all = { trace_id: trace.traceId, correlation_id: correlationId, ...fields };
      const log = (level: string) => (message: unknown, extra?: unknown) =>
        void lines.push({ level, message: String(message), fields: all, extra });
      return {
        logger: {
          debug: log('debug'),
          info: log('info'),
          warn: log('warn'),
          error: log('error'),
        } as Scope['logger'],
        listen: (event) => void events.push(event),
        record: (...metric) => void metrics.push(metric),
      };
    },
  };
  return { signals, lines, metrics, events };
}

const contract = {
  summary: 'A read',
  path: z.strictObject({ id: z.string() }),
  answer: { status: 200, description: 'It.', body: z.unknown() },
  problems: [],
  example: { role: 'user' },
} as const satisfies RouteContract;

const environment = {
  name: 'get-order',
  tracing: false,
  secretIds: { 'token-signing': '', pseudonyms: '' },
  tables: { domain: 'none', outbox: 'none', state: 'none' },
} as const;

const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

function route(
  respond: Respond<typeof contract> = async () => ({ status: 200, body: {} }),
  signals?: Telemetry,
) {
  const told = recorder();
  const tokens = memorySource(signingKey);
  const names = memorySource(pseudonymKey);
  const clock = { nowMs: 1_000_000 };
  const ring = (source: typeof tokens, subject: string) =>
    keyring({
      source,
      subject,
      now: () => clock.nowMs,
      sleep: async () => {},
      ...patience[subject as SecretName],
    });
  const handler = api(environment, contract, respond, {
    signals: signals ?? told.signals,
    keys: {
      'token-signing': ring(tokens, 'token-signing'),
      pseudonyms: ring(names, 'pseudonyms'),
    },
    limit: unlimited,
    gauge: gaugeAt('NORMAL'),
  });
  return {
    ...told,
    tokens,
    names,
    clock,
    async send(event: Parameters<typeof validEvent>[0] = {}) {
      const { statusCode, headers, body } = await handler(
        await validEvent({
          httpMethod: 'GET',
          path: '/orders/7',
          body: null,
          pathParameters: { id: '7' },
          ...event,
        }),
        context,
      );
      return { status: statusCode, headers, body: JSON.parse(body) };
    },
  };
}

describe('a route', () => {
  it('gives its use case the call and a scope, and tells of each request in one line and two metrics', async () => {
    const seen: unknown[] = [];
    const { send, lines, metrics } = route(async ({ input, caller }, { logger }) => {
      seen.push(input, caller);
      logger.info('at work');
      return { status: 200, body: { id: input.path.id } };
    });
    const { status, body } = await send({ requestContext: { requestId: 'req-1' } as never });
    expect([status, body]).toEqual([200, { id: '7' }]);
    expect(seen).toEqual([
      { path: { id: '7' }, query: {}, body: undefined },
      { tenant: 'acme', user: 'u1', role: 'user' },
    ]);
    const fields = {
      trace_id: expect.any(String),
      correlation_id: 'req-1',
      route: 'get-order',
      ...names,
    };
    expect(lines).toEqual([
      { level: 'info', message: 'at work', fields, extra: undefined },
      {
        level: 'info',
        message: 'GET /orders/{id} 200',
        fields,
        extra: { status: 200, duration_ms: expect.any(Number) },
      },
    ]);
    expect(metrics).toEqual([
      ['Requests', 1, { route: 'get-order', outcome: 'ok' }],
      ['RequestDuration', expect.any(Number), { route: 'get-order' }],
    ]);
  });

  it('never logs a tenant, a user or a token in the clear', async () => {
    const { send, lines } = route(async () => {
      throw new Error('unforeseen');
    });
    const authorization = await bearer({ tenant: 'secret-tenant', user: 'secret-user' });
    await send({ headers: { authorization } });
    const text = JSON.stringify(lines);
    expect(lines).toHaveLength(2);
    for (const secret of ['secret-tenant', 'secret-user', authorization.slice(7)])
      expect(text).not.toContain(secret);
  });

  it('counts refusals and failures apart, and says which problem it was', async () => {
    const { send, lines, metrics } = route();
    await send({ headers: { authorization: undefined } });
    expect(lines).toMatchObject([
      { message: 'GET /orders/{id} 401', extra: { status: 401, problem: 'unauthenticated' } },
    ]);
    expect(lines[0]?.fields).not.toHaveProperty('tenant');
    expect(metrics[0]).toEqual(['Requests', 1, { route: 'get-order', outcome: 'refused' }]);
  });

  it('logs an unforeseen error once, with what it was', async () => {
    const error = new Error('unforeseen', { cause: new Error('why') });
    const { send, lines, metrics } = route(() => Promise.reject(error));
    expect((await send()).status).toBe(500);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'internal'],
      ['info', 'GET /orders/{id} 500'],
    ]);
    expect(lines[0]?.extra).toBe(error);
    expect(metrics[0]).toEqual(['Requests', 1, { route: 'get-order', outcome: 'failed' }]);
  });

  it.each<[string, Error, number, string, string | undefined]>([
    [
      'another request under the key',
      new KeyReusedError('x'),
      422,
      'idempotency-key-reused',
      undefined,
    ],
    [
      'the same request at work',
      new InProgressError('x', { retryAfterMs: 6_100 }),
      409,
      'request-in-progress',
      '7',
    ],
    ['an unknown outcome', new OutcomeUnknownError('x'), 503, 'dependency-unavailable', '1'],
    ['contention', new ContentionError('x'), 503, 'dependency-unavailable', '1'],
    [
      'a throttled store',
      Object.assign(new Error('x'), {
        name: 'ThrottlingException',
        $metadata: { httpStatusCode: 400 },
      }),
      503,
      'dependency-unavailable',
      '1',
    ],
    [
      'a failing store',
      Object.assign(new Error('x'), {
        name: 'InternalServerError',
        $metadata: { httpStatusCode: 500 },
      }),
      503,
      'dependency-unavailable',
      '1',
    ],
    [
      'a store that refuses the request',
      Object.assign(new Error('x'), {
        name: 'ValidationException',
        $metadata: { httpStatusCode: 400 },
      }),
      500,
      'internal',
      undefined,
    ],
  ])('says of %s what it means', async (_, error, status, slug, retryAfter) => {
    const answer = await route(() => Promise.reject(error)).send();
    expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(JSON.stringify(answer.body)).not.toContain('"x"');
  });

  it('logs of an unknown outcome what it came from', async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, 'warn').mockImplementation((line) => void lines.push(line));
    const real = telemetry({ name: 'get-order' });
    const cause = new Error('no answer came', { cause: new Error('socket hang up') });
    const { send } = route(
      () => Promise.reject(new OutcomeUnknownError('the record could not be read', { cause })),
      { scope: (of) => ({ ...recorder().signals.scope(of), logger: real.scope(of).logger }) },
    );
    expect((await send()).status).toBe(503);
    spy.mockRestore();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'WARN',
        message: 'dependency-unavailable',
        error: {
          name: 'OutcomeUnknownError',
          message: 'the record could not be read',
          cause: { message: 'no answer came', cause: { message: 'socket hang up' } },
        },
      },
    ]);
  });

  it('says of a store that nobody listens for that it is unavailable', async () => {
    const store = dynamoStore({ tables: { domain: 'none' } });
    const { send, lines } = route(async () => {
      await store.read({ table: 'domain', key: { pk: 'a', sk: 'b' } });
      return { status: 200 };
    });
    const { status, body, headers } = await send();
    expect([status, body.type, headers['retry-after']]).toEqual([
      503,
      '/problems/dependency-unavailable',
      '1',
    ]);
    expect(lines[0]).toMatchObject({ level: 'warn', message: 'dependency-unavailable' });
  });

  it('answers 503, not 401, while it cannot tell whether a key is known', async () => {
    const { send, tokens } = route();
    expect((await send()).status).toBe(200);
    const stranger = { id: 'version-9', value: 'x'.repeat(32) };
    const authorization = await bearer({}, 60_000, stranger);
    expect((await send({ headers: { authorization } })).status).toBe(401);
    const limited = await send({ headers: { authorization } });
    expect([limited.status, limited.headers['retry-after']]).toEqual([503, '10']);
    expect((await send()).status).toBe(200);
    expect(tokens.reads()).toBe(2);
  });

  it('follows a rotation of its secret at once', async () => {
    const { send, tokens } = route();
    await send();
    const next = { id: 'version-2', value: 'n'.repeat(32) };
    tokens.rotate(next);
    const authorization = await bearer({}, 60_000, next);
    expect((await send({ headers: { authorization } })).status).toBe(200);
    expect((await send()).status).toBe(200);
  });

  it('serves on without pseudonyms when their key cannot be had', async () => {
    const { send, names, lines } = route();
    names.fail(new Error('provider down'));
    expect((await send()).status).toBe(200);
    expect(lines[0]?.fields).not.toHaveProperty('tenant');
  });

  it('serves on without pseudonyms while their key does not come', async () => {
    const { send, names, lines } = route();
    names.hang();
    expect((await send()).status).toBe(200);
    expect(lines[0]?.fields).not.toHaveProperty('tenant');
    names.mend();
    await send();
    expect(lines.at(-1)?.fields).toHaveProperty('tenant');
    expect(names.reads()).toBe(1);
  });

  it('begins to read the key of its pseudonyms while it checks the first token', async () => {
    const { send, names, lines } = route();
    await send({ headers: { authorization: 'Bearer a.b.c' } });
    expect([names.reads(), lines[0]?.fields['tenant']]).toEqual([1, undefined]);
  });

  it('is not built without the secret that its tokens need', () => {
    expect(() =>
      api(environment, contract, async () => ({ status: 200 }), {
        signals: recorder().signals,
        keys: {},
      }),
    ).toThrow(RangeError);
  });
});

describe('GET /health', () => {
  it('answers anyone, without a secret', async () => {
    const { signals, lines } = recorder();
    const handler = api(
      { name: 'health', tracing: false, secretIds: {}, tables: {} },
      health,
      async () => ({
        status: 200,
        body: { status: 'ok', stage: 'local' },
      }),
      { signals },
    );
    const event: GatewayEvent = {
      httpMethod: 'GET',
      path: '/health',
      headers: null as never,
      body: null,
    };
    const { statusCode, body } = await handler(event, context);
    expect(statusCode).toBe(200);
    expect(health.answer.body.parse(JSON.parse(body))).toEqual({ status: 'ok', stage: 'local' });
    expect(lines).toMatchObject([{ message: 'GET /health 200' }]);
  });
});
