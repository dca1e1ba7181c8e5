import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedFor, strangerAt } from '#functions/limit-keys.ts';
import { routeLimits } from '#functions/limits.ts';
import {
  type LimitRow,
  limitGroups,
  limitLayers,
  limitRow,
  limits,
} from '#functions/tables/limits.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { demoTenants, tiers } from '#functions/tables/tiers.ts';
import { type Arrival, anonymous, type Caller } from '#shared/http/call.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemWriter, Written } from '#shared/state/store.ts';

const silent = { listen: () => {}, record: () => {} };
const caller = (of: Partial<Caller> = {}): Caller => ({
  tenant: 'acme',
  user: 'u1',
  role: 'user',
  ...of,
});
const from = (sourceIp: string | undefined = '192.0.2.1') => ({ sourceIp }) as Arrival;

const keyOf = (layer: string, ...call: Parameters<typeof countedFor>) => {
  const counted = countedFor(...call).find((each) => each.layer === layer);
  return `${counted?.tier} ${counted?.key}`;
};

describe('a call', () => {
  it('counts for its user, its address, its tenant and everybody, in this order', () => {
    expect(countedFor(caller(), from())).toEqual([
      { layer: 'user', tier: 'user', key: expect.stringMatching(/^acme#[0-9a-f]{32}$/) },
      { layer: 'ip', tier: 'known', key: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { layer: 'tenant', tier: 'partner', key: 'acme' },
      { layer: 'global', tier: 'all', key: 'all' },
    ]);
  });

  it('of nobody known counts for its address alone', () => {
    expect(countedFor(anonymous, from())).toEqual([
      strangerAt(from()),
      { layer: 'global', tier: 'all', key: 'all' },
    ]);
    expect(strangerAt(from())).toMatchObject({ layer: 'ip', tier: 'anonymous' });
  });

  it.each(['user', 'admin', 'service'] as const)('of a %s has the limits of the role', (role) => {
    expect(countedFor(caller({ role }), from())[0]?.tier).toBe(role);
  });

  it.each(Object.entries(demoTenants))('of %s has the limits of its plan', (tenant, { tier }) => {
    const [user, ip, plan] = countedFor(caller({ tenant }), from());
    const isLoad = tenant === 'load';
    expect([user?.tier, ip?.tier, plan?.tier]).toEqual(
      isLoad ? ['load', 'load', 'load'] : ['user', 'known', tier],
    );
  });

  it.each(['stranger', 'constructor', 'hasownproperty', 'tostring', 'public'])(
    'of the tenant %s has the standard plan',
    (tenant) => {
      expect(countedFor(caller({ tenant }), from())[2]?.tier).toBe('standard');
    },
  );

  it('never shares a key with another user, whatever their names hold', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '#', '/', '"', ',', '%', '[', ' ', '2', '3'),
      maxLength: 6,
    });
    const who = fc.record({ tenant: text, user: text });
    fc.assert(
      fc.property(who, who, (one, other) => {
        const isSame = one.tenant === other.tenant && one.user === other.user;
        expect(keyOf('user', caller(one), from()) === keyOf('user', caller(other), from())).toBe(
          isSame,
        );
        expect(
          keyOf('tenant', caller(one), from()) === keyOf('tenant', caller(other), from()),
        ).toBe(one.tenant === other.tenant);
      }),
    );
  });

  it('shows neither user nor address in its keys', () => {
    const keys = countedFor(caller({ user: 'ada@example.org' }), from('192.0.2.77'));
    expect(JSON.stringify(keys)).not.toMatch(/ada|example|192|77"/);
  });

  it.each([undefined, '', 'unknown', '1.2.3.4, 5.6.7.8'])(
    'without an address (%j) shares no address with other users, and strangers share one',
    (sourceIp) => {
      const came = { sourceIp };
      const [one, other] = ['u1', 'u2'].map((user) => keyOf('ip', caller({ user }), came));
      expect(one).not.toBe(other);
      expect(strangerAt(came)).toEqual(strangerAt({ sourceIp: undefined }));
      expect(strangerAt(came)).not.toEqual(strangerAt(from()));
    },
  );
});

type Row = readonly [string, LimitRow];

const rows: readonly Row[] = limitLayers.flatMap((layer) =>
  limitGroups.flatMap((group) =>
    Object.entries<LimitRow>(limits[layer][group]).map(
      ([tier, row]): Row => [`${layer} ${group} ${tier}`, row],
    ),
  ),
);

describe('the table of limits', () => {
  it('has a tier for every plan and role', () => {
    for (const group of limitGroups) {
      for (const tier of [...Object.keys(tiers), 'load'])
        expect(limitRow('tenant', group, tier)).toBeDefined();
      for (const role of ['user', 'admin', 'service', 'load'])
        expect(limitRow('user', group, role)).toBeDefined();
    }
  });

  it.each([
    ['ip', 'read', 'gold'],
    ['user', 'read', 'constructor'],
    ['user', 'none', 'user'],
    ['planet', 'read', 'user'],
  ])('has nothing at %s %s %s, and says so', (layer, group, tier) => {
    expect(() => limitRow(layer as never, group as never, tier)).toThrow(RangeError);
  });

  it.each(rows)('%s gives its reason, and leases at most a tenth of its burst', (_, row) => {
    expect(row.because).toMatch(/^[A-Z].*\.$/);
    const mostTokens = row.counted === 'exact' ? 0 : row.counted.mostTokens;
    expect(mostTokens).toBeLessThanOrEqual(row.capacity / 10);
  });

  it('counts users exactly, but for load tests', () => {
    for (const [name, { counted }] of rows)
      if (/^user .*(?<! load)$/.test(name)) expect([name, counted]).toEqual([name, 'exact']);
  });

  it.each(rows)('%s is leased if one item could not be written as often', (_, row) => {
    const perSecond = 1_000 / row.refillEveryMs;
    if (perSecond > 500) expect(row.counted).not.toBe('exact');
  });

  it('allows one user less than a paying tenant, and a tenant no more than everybody', () => {
    for (const group of limitGroups) {
      const rate = (layer: 'user' | 'tenant' | 'global', tier: string) =>
        1000 / limitRow(layer, group, tier).refillEveryMs;
      for (const plan of ['standard', 'partner']) {
        expect(rate('user', 'user')).toBeLessThan(rate('tenant', plan));
        expect(rate('tenant', plan)).toBeLessThanOrEqual(rate('global', 'all'));
      }
    }
  });

  it.each(Object.entries<RouteRow>(routes))('can allow %s, in every tier', (subject, row) => {
    const limit = routeLimits({ store: memoryStore(), row, subject, signals: silent });
    expect(limit === undefined).toBe(row.limitGroup === 'none');
  });

  it('is refused a weight that it could never allow, when the route is built', () => {
    const row = { limitGroup: 'write', weight: 6 } as const;
    expect(() =>
      routeLimits({ store: memoryStore(), row, subject: 'dear', signals: silent }),
    ).toThrow(new RangeError('dear costs 6, and tenant-write-free holds 5 at most'));
  });
});

describe('four layers', () => {
  /** Writes for so many calls of one user, so many milliseconds apart. */
  async function writesFor(calls: number, everyMs: number): Promise<number> {
    const clock = { nowMs: 1_700_000_000_000 };
    const memory = memoryStore();
    let writes = 0;
    const store: ItemWriter = {
      write(...write): Promise<Written> {
        writes++;
        return memory.write(...write);
      },
    };
    const limit = routeLimits({
      store,
      row: routes['create-order'],
      subject: 'create-order',
      signals: silent,
      now: () => clock.nowMs,
    });
    for (let call = 0; call < calls; call++) {
      const admission = await limit?.admit({ caller: caller(), arrival: from() });
      expect(admission?.refused).toBeUndefined();
      clock.nowMs += everyMs;
    }
    return writes;
  }

  it('cost an environment at most one and a half writes a call while it is busy', async () => {
    // 20 calls a second by one user, for ten seconds.
    expect((await writesFor(200, 50)) / 200).toBeLessThanOrEqual(1.5);
  });

  it('cost a single call one write each', async () => {
    expect(await writesFor(1, 0)).toBe(4);
  });
});
