/** The code and the facts of docs/patterns/tenant-isolation.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import { eventTypes } from '#functions/tables/events.ts';
import { queues } from '#functions/tables/queues.ts';
import { retention } from '#functions/tables/retention.ts';
import { violations } from '#functions/violations.ts';
import { isReservedTenant } from '#shared/auth/tenant.ts';
import { verifyToken } from '#shared/auth/token.ts';
import { authenticate } from '#shared/http/authenticate.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { recordedSignals } from '../functions/recorded-signals.ts';
import { checkout } from '../house/sources.ts';
import { bearer, signingKey, validEvent } from '../http/edge.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const page = readFileSync(join(checkout, 'docs/patterns/tenant-isolation.md'), 'utf8');

it('holds a caller to their tenant, and records who reaches across', async () => {
  const store = memoryStore();
  const keys = { key: async () => signingKey };
  const scope = recordedSignals().signals.scope({ trace: newTrace() });
  const orderId = '7';

  const record = violations({ route: 'get-order', store });

  const guard = authenticate({
    access: { roles: ['user'], verify: (token) => verifyToken(token, keys) },
    onViolation: (violation, arrival) => record(violation, arrival, scope),
  });

  const headers = { authorization: await bearer(), 'x-tenant-id': 'globex' };
  const exchange = { arrival: { headers, trace: newTrace(), requestId: 'r1' } };
  const refused = guard.before?.({ event: await validEvent(), internal: { exchange } } as never);
  await expect(refused).rejects.toMatchObject({ slug: 'tenant-mismatch' });
  expect(store.items('outbox')).toMatchObject([{ type: 'tenant.violated', tenant: 'acme' }]);

  const caller = { tenant: 'acme' };
  const at = orderAddress(caller.tenant, orderId);
  expect(at.key['pk']).toBe('acme#order#7');
});

it('is the code on the page', () => {
  for (const code of codeOnPage('tenant-isolation'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});

it('has the reserved names on the page, all of them and no others', () => {
  const [, section = ''] = page.split('## Names that no tenant has');
  const [table = ''] = section.split('\n## ');
  const named = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+)`/g)].map(([, name = '']) => name),
  );
  const code = readFileSync(join(checkout, 'shared/auth/tenant.ts'), 'utf8');
  const written = [...code.matchAll(/'([a-z]+)'/g)].map(([, name = '']) => name);
  expect(named.toSorted()).toEqual(written.filter((name) => isReservedTenant(name)).toSorted());
  expect(named.length).toBeGreaterThan(30);
});

it('has the numbers of the tables on the page', () => {
  const { queue, priority } = eventTypes['tenant.violated'];
  const { maxConcurrency, batchSize } = queues[queue];
  expect(page).toContain(`kept for ${retention.violationMs / 86_400_000} days`);
  expect(page).toContain(`a worker of ${maxConcurrency * batchSize} messages at once`);
  expect(page).toContain(`has the priority ${priority}`);
});
