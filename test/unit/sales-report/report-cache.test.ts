import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagOf } from '#functions/cache-tags.ts';
import { sales } from '#functions/domain/sales.ts';
import { reportCache, reportKey, reportPolicy } from '#functions/report-cache.ts';
import { tagVersions } from '#shared/cache/tag-versions.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { recordedSignals } from '../functions/recorded-signals.ts';

const caller = { tenant: 'acme', user: 'boss', role: 'admin' } as const;

function given() {
  const clock = { nowMs: 1_000_000 };
  const store = memoryStore();
  const { signals, lines, metrics } = recordedSignals();
  const { get } = reportCache({ store, signals, now: () => clock.nowMs, random: () => 0 });
  const state = { loads: 0, down: false };
  const ask = (days = {}) =>
    get({ caller, days }, async () => {
      state.loads += 1;
      if (state.down) throw new Error('down');
      return sales(days).view(state.loads > 1);
    });
  return { clock, state, ask, lines, metrics, ...tagVersions({ store }) };
}

describe('a remembered report', () => {
  it('says how old it is, in whole seconds, and how long it may be kept', async () => {
    const { ask, clock } = given();
    await ask();
    clock.nowMs += 1_999;
    expect((await ask()).headers).toMatchObject({
      age: '1',
      'cache-control': 'private, max-age=60, stale-while-revalidate=240',
    });
  });

  it('is counted anew two seconds after its tenant’s sales have changed, at the latest', async () => {
    const { ask, bump, clock, state } = given();
    const before = await ask();
    await bump([tagOf('acme', 'sales')]);
    clock.nowMs += reportPolicy.trustTagsMs;
    const after = await ask();
    expect(state.loads).toBe(2);
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });

  it('does not mind what other tenants sell', async () => {
    const { ask, bump, clock, state } = given();
    await ask();
    await bump([tagOf('globex', 'sales')]);
    clock.nowMs += reportPolicy.trustTagsMs;
    await ask();
    expect(state.loads).toBe(1);
  });

  it('stands in for one that cannot be had, and a line says why', async () => {
    const { ask, clock, state, lines, metrics } = given();
    await ask();
    state.down = true;
    clock.nowMs += reportPolicy.freshMs + reportPolicy.staleMs;
    expect((await ask()).report.truncated).toBe(false);
    expect(lines).toEqual([
      { level: 'event', message: 'cache load-failed', fields: { error: 'Error' } },
    ]);
    expect(metrics.map(({ dimensions }) => dimensions)).toEqual([
      { cache: 'sales-report', outcome: 'miss' },
      { cache: 'sales-report', outcome: 'stale' },
    ]);
  });
});

describe('the keys of reports', () => {
  const asked = fc.record({
    caller: fc.record({
      tenant: fc.constantFrom('acme', 'globex', 'a","b', 'a'),
      role: fc.constantFrom('admin' as const, 'service' as const),
      user: fc.string(),
    }),
    days: fc.record(
      {
        from: fc.constantFrom('2026-01-01', '2026-01-02'),
        to: fc.constantFrom('2026-01-01', '2026-01-02'),
      },
      { requiredKeys: [] },
    ),
  });

  it('are the same exactly for the same tenant, role and days', () =>
    fc.assert(
      fc.property(asked, asked, (a, b) => {
        const same =
          ['tenant', 'role'].every(
            (name) => a.caller[name as 'role'] === b.caller[name as 'role'],
          ) &&
          a.days.from === b.days.from &&
          a.days.to === b.days.to;
        expect(reportKey(a) === reportKey(b)).toBe(same);
      }),
      { numRuns: 2_000 },
    ));
});

describe('the tags of tenants', () => {
  it('do not reach into each other, whatever a tenant is called', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(tagOf(a, 'sales') === tagOf(b, 'sales')).toBe(a === b);
        expect(tagOf(a, 'sales').split('#')).toHaveLength(2);
      }),
    ));
});
