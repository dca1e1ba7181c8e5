/** A real route, its outbox in memory: whatever becomes of the record, the answer is the 403. */
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { api } from '#functions/api.ts';
import type { RouteContract } from '#functions/contract.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';
import { type Fault, memoryStore } from '#shared/state/memory-store.ts';
import { recordedSignals } from '../functions/recorded-signals.ts';
import { signingKey, validEvent } from '../http/edge.ts';

const contract = {
  summary: 'A read',
  path: z.strictObject({ id: z.string() }),
  answer: { status: 200, description: 'It.', body: z.unknown() },
  problems: [],
  example: { role: 'user' },
} as const satisfies RouteContract;

function route(faults: () => Fault | undefined = () => undefined) {
  const { signals, lines, metrics } = recordedSignals();
  const outbox = memoryStore({ faults });
  const handler = api(
    {
      name: 'get-order',
      tracing: false,
      secretIds: { 'token-signing': '', pseudonyms: '' },
      tables: { domain: 'none', outbox: 'none', state: 'none' },
    },
    contract,
    async () => ({ status: 200, body: {} }),
    {
      signals,
      outbox,
      limit: {
        admit: () => expect.fail('it is refused before it is counted'),
        charge: async () => ({ headers: {} }),
      },
      gauge: { look: () => expect.fail('it is refused before anybody asks for the pressure') },
      keys: {
        'token-signing': keyring({ source: memorySource(signingKey), subject: 'token-signing' }),
        pseudonyms: keyring({
          source: memorySource({ id: 'p', value: 'p' }),
          subject: 'pseudonyms',
        }),
      },
    },
  );
  return {
    lines,
    metrics,
    outbox,
    async send(headers: Readonly<Record<string, string>>) {
      const event = await validEvent({
        httpMethod: 'GET',
        path: '/orders/7',
        body: null,
        pathParameters: { id: '7' },
        headers,
      });
      const context = { getRemainingTimeInMillis: () => 10_000 } as Context;
      const { statusCode, body } = await handler(event, context);
      const { instance: _, ...problem } = JSON.parse(body);
      return { status: statusCode, problem };
    },
  };
}

describe('a call that reaches for another tenant', () => {
  const reach = { 'x-tenant-id': 'globex' };

  it('is refused, with an event, a line and a metric', async () => {
    const { send, outbox, lines, metrics } = route();
    expect(await send(reach)).toMatchObject({
      status: 403,
      problem: { type: '/problems/tenant-mismatch' },
    });
    expect(outbox.items('outbox')).toMatchObject([{ type: 'tenant.violated', tenant: 'acme' }]);
    expect(lines.map(({ message }) => message)).toEqual([
      'auth tenant-violated',
      'GET /orders/{id} 403',
    ]);
    expect(metrics).toContainEqual({
      name: 'TenantViolations',
      value: 1,
      dimensions: { kind: 'other-tenant' },
    });
  });

  it.each<Fault>(['lose-request', 'lose-answer'])(
    'gets the same answer when its record meets %s, and that is told',
    async (fault) => {
      const working = await route().send(reach);
      const { send, lines } = route(() => fault);
      expect(await send(reach)).toEqual(working);
      expect(lines.map(({ message }) => message)).toContain('auth tenant-violation-unrecorded');
    },
  );

  it('is recorded although it gives no time: a short deadline is no way past the audit', async () => {
    const { send, outbox } = route();
    expect(await send({ ...reach, 'x-deadline-ms': '1' })).toMatchObject({ status: 403 });
    expect(outbox.items('outbox')).toHaveLength(1);
  });

  it('is one environment’s flood when it comes a hundred times, each refused', async () => {
    const { send, outbox, metrics } = route();
    for (let n = 0; n < 100; n++) expect((await send(reach)).status).toBe(403);
    expect(outbox.items('outbox').length).toBeLessThan(20);
    expect(metrics.filter(({ name }) => name === 'TenantViolations')).toHaveLength(100);
  });
});
