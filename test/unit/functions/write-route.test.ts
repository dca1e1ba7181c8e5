import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RouteContract } from '#functions/contract.ts';
import { orderAddress } from '#functions/domain/keys.ts';
import type { RouteName } from '#functions/tables/routes.ts';
import { type WriteRouteOptions, writeRoute } from '#functions/write-route.ts';
import type { Caller } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { bearer, signingKey, unlimited, validEvent } from '../http/edge.ts';
import { gaugeAt } from '../pressure/gauge-at.ts';
import { recordedSignals } from './recorded-signals.ts';

const contract = {
  summary: 'Makes a thing',
  body: z.strictObject({ name: z.string() }),
  answer: {
    status: 201,
    description: 'It.',
    body: z.object({ id: z.string(), name: z.string() }),
  },
  problems: [],
  example: { role: 'user' },
} as const satisfies RouteContract;

type Options = WriteRouteOptions<typeof contract>;

const plain: Options['decide'] = async ({ caller, input }, _reader, { id }) => {
  const answer = { id, name: input.body.name };
  return {
    answer,
    writes: [
      {
        put: { ...answer, version: 1 },
        at: orderAddress(caller.tenant, id),
        when: { absent: true },
      },
    ],
  };
};

function route(options: Partial<Options> = {}, name: RouteName = 'create-order') {
  const store = memoryStore();
  const handler = writeRoute(
    { name, tracing: false, secretIds: { 'token-signing': '', pseudonyms: '' } } as never,
    contract,
    {
      store,
      async decide(call, reader, making) {
        if (call.input.body.name === 'refused') return { refused: new Problem('item-unknown') };
        return plain(call, reader, making);
      },
      headers: ({ id }) => ({ location: `things/${id}` }),
      ...options,
    },
    {
      signals: recordedSignals().signals,
      keys: { 'token-signing': keyring({ source: memorySource(signingKey), subject: 'tokens' }) },
      limit: unlimited,
      gauge: gaugeAt('NORMAL'),
    },
  );
  return {
    store,
    made: () => store.items('domain').filter(({ version }) => version !== undefined),
    async send(
      name = 'thing',
      { key = 'k-1', as = {} }: { key?: string; as?: Partial<Caller> } = {},
    ) {
      const { statusCode, headers, body } = await handler(
        await validEvent({
          body: JSON.stringify({ name }),
          headers: { 'idempotency-key': key, authorization: await bearer(as) },
        }),
        { getRemainingTimeInMillis: () => 10_000 } as Context,
      );
      return { status: statusCode, headers, body: JSON.parse(body) };
    },
  };
}

const entityAt: NonNullable<Options['entityAt']> = ({ tenant }, id) => orderAddress(tenant, id);

describe.each([
  ['deferred', {}],
  ['compact', { entityAt }],
] as const)('a mutating route (%s)', (mode, options) => {
  it('answers a repeated request with its first answer and says so', async () => {
    const { send, made } = route(options);
    const first = await send();
    expect([first.status, first.headers['location']]).toEqual([201, `things/${first.body.id}`]);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const again = await send();
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers).toMatchObject({
      location: first.headers['location'],
      'idempotency-replayed': 'true',
    });
    expect(made()).toHaveLength(1);
  });

  it(`writes ${mode === 'compact' ? 'no record of its own' : 'a record of its own'}`, async () => {
    const { send, store, made } = route(options);
    await send();
    expect(store.items('state')).toHaveLength(mode === 'compact' ? 0 : 1);
    expect(made()[0]?.['made'] !== undefined).toBe(mode === 'compact');
  });

  it('rejects another payload under the key', async () => {
    const { send } = route(options);
    await send();
    for (const name of ['another', 'refused'])
      expect(await send(name)).toMatchObject({
        status: 422,
        body: { type: '/problems/idempotency-key-reused' },
      });
  });

  it('retains no refusal: the key is as free as before', async () => {
    let refusing = true;
    const { send, store } = route({
      ...options,
      async decide(call, reader, making) {
        if (refusing) return { refused: new Problem('dependency-unavailable') };
        return plain(call, reader, making);
      },
    });
    expect((await send()).status).toBe(503);
    expect([store.items('state'), store.items('domain')]).toEqual([[], []]);
    refusing = false;
    expect((await send()).status).toBe(201);
  });

  it('knows a request again although its use case changed it', async () => {
    // powertools-lambda-typescript#5715: a handler that changed its event completed under another key.
    const { send, made } = route({
      ...options,
      async decide(call, reader, making) {
        const decision = await plain(call, reader, making);
        Object.assign(call.input.body, { name: 'changed', more: true });
        Object.assign(call.headers, { 'idempotency-key': 'changed' });
        return decision;
      },
    });
    const first = await send();
    expect(await send()).toMatchObject({ status: 201, body: first.body });
    expect(made()).toHaveLength(1);
  });

  it('makes another thing for another key, user or tenant', async () => {
    const { send, made } = route(options);
    const ids = [
      await send(),
      await send('thing', { key: 'k-2' }),
      await send('thing', { as: { user: 'u2' } }),
      await send('thing', { as: { tenant: 'globex' } }),
    ].map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(4);
    expect(made()).toHaveLength(4);
  });
});

describe('a mutating route that gives its first answer back', () => {
  const rebuild: NonNullable<Options['rebuild']> = async ({ caller }, { read }, { id }) => {
    const item = await read(orderAddress(caller.tenant, id));
    return { id, name: String(item?.['name']) };
  };

  it.each([{ rebuild }, { rebuild, entityAt }])(
    'keeps none, and replays it all the same',
    async (options) => {
      const { send, store } = route(options);
      const first = await send();
      expect(JSON.stringify([store.items('state'), store.items('domain')])).not.toContain(
        '"answer"',
      );
      expect(await send()).toMatchObject({ status: 201, body: first.body });
    },
  );

  it('fails rather than answer something else', async () => {
    const { send, store } = route({ rebuild });
    const { body } = await send();
    await store.write({ set: { name: 'changed' }, at: orderAddress('acme', body.id) });
    expect(await send()).toMatchObject({ status: 500, body: { type: '/problems/internal' } });
  });
});

describe('a route that makes no sense', () => {
  it.each<[string, RouteName, Partial<Options>]>([
    ['is a GET', 'get-order', {}],
    ['makes nothing, but says where', 'update-order', { entityAt }],
  ])('is not built when it %s', (_, name, options) => {
    expect(() => route(options, name)).toThrow(RangeError);
  });
});
