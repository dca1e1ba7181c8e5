import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeNamed } from '#functions/domain/violation.ts';
import { violations } from '#functions/violations.ts';
import { isTenant } from '#shared/auth/tenant.ts';
import type { Bearer } from '#shared/auth/token.ts';
import type { Violation } from '#shared/http/authenticate.ts';
import type { Arrival } from '#shared/http/call.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

const trace = newTrace();
const arrival = { requestId: 'request-1', trace } as Arrival;
const by: Bearer = { tenant: 'acme', user: 'u1', role: 'user' };

type Options = Omit<Partial<Parameters<typeof violations>[0]>, 'store'>;

function recorder(options: Options = {}, fault: (call: StoreCall) => unknown = () => undefined) {
  const clock = { nowMs: 1_700_000_000_000 };
  const store = memoryStore({ faults: fault as never });
  const told: ResilienceEvent[] = [];
  const metrics: unknown[] = [];
  const record = violations({ route: 'get-order', store, now: () => clock.nowMs, ...options });
  const scope = {
    listen: (event: ResilienceEvent) => void told.push(event),
    record: (...metric: unknown[]) => void metrics.push(metric),
  } as unknown as Parameters<typeof record>[2];
  return {
    clock,
    told,
    metrics,
    reach: (violation: Partial<Violation> = {}) =>
      record({ place: 'header', named: 'globex', by, ...violation }, arrival, scope),
    events: () => store.items('outbox').map((item) => readPendingEvent(item)?.event),
  };
}

describe('what is named in a tenant’s place', () => {
  // biome-ignore format: a table
  it.each([
    ['globex',        { kind: 'other-tenant', attempted: 'globex' }],
    [' GLOBEX ',      { kind: 'other-tenant', attempted: 'globex' }],
    ['acme, globex',  { kind: 'other-tenant', attempted: 'globex' }],
    ['x y,globex',    { kind: 'other-tenant', attempted: 'globex' }],
    ['system',        { kind: 'reserved-tenant', attempted: 'system' }],
    ['Root',          { kind: 'reserved-tenant', attempted: 'root' }],
    ['ACME',          { kind: 'malformed-tenant' }],
    ['acme, acme',    { kind: 'malformed-tenant' }],
    ['',              { kind: 'malformed-tenant' }],
    ['a@b.example',   { kind: 'malformed-tenant' }],
    ['=cmd|calc',     { kind: 'malformed-tenant' }],
    ['x'.repeat(64),  { kind: 'malformed-tenant' }],
  ])('as %o is judged by a tenant’s name alone', (named, judged) => {
    expect(judgeNamed('acme', named)).toEqual(judged);
  });

  it('goes on only as a tenant’s name that is not the caller’s own, whatever it is', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (named) => {
        const { kind, attempted } = judgeNamed('acme', named);
        expect(attempted === undefined).toBe(kind === 'malformed-tenant');
        if (attempted !== undefined) {
          expect(isTenant(attempted)).toBe(true);
          expect(attempted).not.toBe('acme');
        }
      }),
    ));

  it('by a token for a reserved name is that name', () => {
    expect(judgeNamed('system', 'system')).toEqual({
      kind: 'reserved-tenant',
      attempted: 'system',
    });
  });
});

describe('a violation', () => {
  it('is an event under the caller’s own tenant, an error line and a metric', async () => {
    const { reach, events, told, metrics, clock } = recorder();
    await reach();
    const [event] = events();
    expect(event).toEqual({
      id: expect.any(String),
      type: 'tenant.violated',
      tenant: 'acme',
      aggregate: `violation/${event?.id}`,
      seq: 1,
      occurredAtMs: clock.nowMs,
      traceparent: expect.stringContaining(trace.traceId),
      correlationId: 'request-1',
      data: {
        kind: 'other-tenant',
        attempted: 'globex',
        place: 'header',
        route: 'get-order',
        userId: 'u1',
        suppressed: 0,
      },
    });
    expect(told).toEqual([
      {
        pattern: 'auth',
        happened: 'tenant-violated',
        subject: 'get-order',
        severity: 'error',
        facts: { violation_id: event?.id, kind: 'other-tenant', place: 'header', suppressed: 0 },
      },
    ]);
    expect(metrics).toEqual([['TenantViolations', 1, { kind: 'other-tenant' }]]);
  });

  it('says nothing in its line that the caller wrote, nor who they are', async () => {
    const { reach, told } = recorder();
    await reach({
      named: 'secret-tenant',
      by: { tenant: 'secret-own', user: 'secret-user', role: 'user' },
    });
    await reach({ named: '<secret script>' });
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('of a name that is none has no name in its event', async () => {
    const { reach, events } = recorder();
    await reach({ named: '<script>' });
    expect(events()[0]?.data).not.toHaveProperty('attempted');
    expect(JSON.stringify(events())).not.toContain('script');
  });
});

describe('a flood of violations', () => {
  it('is recorded again soon after the clock was set back', async () => {
    const { clock, reach, events } = recorder();
    for (let times = 0; times < 10; times++) await reach();
    expect(events()).toHaveLength(5);
    clock.nowMs -= 3_600_000;
    await reach();
    expect(events()).toHaveLength(5);
    clock.nowMs += 1_000;
    await reach();
    expect(events()).toHaveLength(6);
  });

  it('makes a few events, and the next one says how many it made not', async () => {
    const { reach, events, told, metrics, clock } = recorder();
    for (let n = 0; n < 1_000; n++) await reach();
    expect([events().length, told.length, metrics.length]).toEqual([5, 5, 1_000]);
    clock.nowMs += 999;
    await reach();
    expect(events()).toHaveLength(5);
    clock.nowMs += 1;
    await reach();
    expect(
      events()
        .map((event) => event?.data['suppressed'])
        .toSorted(),
    ).toEqual([0, 0, 0, 0, 0, 996]);
    expect(told.at(-1)).toMatchObject({ facts: { suppressed: 996 } });
  });

  it('loses none: what the events stand for, and what is still owed, are all there were', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ waitMs: fc.nat(1_500), down: fc.boolean() }), { maxLength: 60 }),
        async (steps) => {
          let down = false;
          const { reach, events, clock } = recorder({}, () => (down ? 'lose-request' : undefined));
          for (const step of steps) {
            clock.nowMs += step.waitMs;
            down = step.down;
            await reach();
          }
          down = false;
          clock.nowMs += 60_000;
          await reach();
          const stoodFor = events().reduce(
            (sum, event) => sum + 1 + Number(event?.data['suppressed']),
            0,
          );
          expect(stoodFor).toBe(steps.length + 1);
        },
      ),
    ));

  it('of one tenant does not hide another’s', async () => {
    const { reach, events } = recorder();
    for (let n = 0; n < 20; n++) await reach();
    await reach({ by: { ...by, tenant: 'globex' }, named: 'acme' });
    expect(events().filter((event) => event?.tenant === 'globex')).toHaveLength(1);
  });

  it('by ever more tenants is remembered of so many', async () => {
    const { reach, events } = recorder({
      mostTenants: 2,
      policy: { capacity: 1, refillEveryMs: 1_000 },
    });
    const of = (tenant: string) => reach({ by: { ...by, tenant } });
    for (const tenant of ['a', 'b', 'b', 'c', 'b', 'a']) await of(tenant);
    expect(
      events()
        .map((event) => event?.tenant)
        .toSorted(),
    ).toEqual(['a', 'a', 'b', 'c']);
  });
});

describe('a store that cannot take a violation', () => {
  it('changes nothing for the caller, and is told', async () => {
    const { reach, told, events } = recorder({}, () => 'lose-request');
    await expect(reach()).resolves.toBeUndefined();
    expect(events()).toEqual([]);
    expect(told.map(({ happened, severity }) => [happened, severity])).toEqual([
      ['tenant-violated', 'error'],
      ['tenant-violation-unrecorded', 'error'],
    ]);
    expect(told[1]?.facts).toEqual({
      violation_id: told[0]?.facts?.['violation_id'],
      error_name: 'TimeoutError',
    });
  });

  it('and never answers is waited for only so long', async () => {
    const { reach, told } = recorder({ withinMs: 5 }, () => new Promise(() => {}));
    await reach();
    expect(told[1]).toMatchObject({ facts: { error_name: 'RecordTimeoutError' } });
  });
});

it.each([0, 1.5])('an allowance of %s events is none', (capacity) => {
  const policy = { capacity, refillEveryMs: 1_000 };
  expect(() => violations({ route: 'get-order', store: memoryStore(), policy })).toThrow(
    /^capacity must/,
  );
});
