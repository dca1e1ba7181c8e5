import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateLimitHeaderNames, rateLimitHeaders } from '#shared/rate-limit/headers.ts';
import type { LayerState } from '#shared/rate-limit/layers.ts';
import { readList } from './structured-list.ts';

const full = { remaining: 50, nextTokenMs: 0, fullInMs: 0 };
const user: LayerState = {
  name: 'user-write',
  quota: { tokens: 50, windowMs: 2_000 },
  standing: { remaining: 48, nextTokenMs: 25, fullInMs: 65 },
  violated: false,
};
const tenant: LayerState = {
  name: 'tenant-write',
  quota: { tokens: 200, windowMs: 4_000 },
  standing: { remaining: 0, nextTokenMs: 1_001, fullInMs: 4_000 },
  violated: true,
};
const unasked: LayerState = {
  name: 'global-write',
  quota: { tokens: 1_000, windowMs: 150 },
  violated: false,
};

describe('the headers of a decision', () => {
  it('are the draft’s two and the early drafts’ three', () => {
    expect(rateLimitHeaders({ layers: [user, tenant, unasked] })).toEqual({
      'ratelimit-policy':
        '"user-write";q=50;w=2, "tenant-write";q=200;w=4, "global-write";q=1000;w=1',
      ratelimit: '"user-write";r=48;t=1, "tenant-write";r=0;t=2',
      'ratelimit-limit': '200',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '4',
    });
  });

  it('say no time where nothing is missing', () => {
    const { ratelimit, 'ratelimit-reset': reset } = rateLimitHeaders({
      layers: [{ ...user, standing: full }],
    });
    expect([ratelimit, reset]).toEqual(['"user-write";r=50', '0']);
  });

  it('name only the policies when no limit was asked', () => {
    expect(rateLimitHeaders({ layers: [unasked] })).toEqual({
      'ratelimit-policy': '"global-write";q=1000;w=1',
    });
  });

  it('are none without a limit', () => {
    expect(rateLimitHeaders({ layers: [] })).toEqual({});
  });

  // biome-ignore format: a table
  it.each<[string, readonly LayerState[], string]>([
    ['the one with the least left for its size', [
      { ...user, standing: { ...full, remaining: 25 } },
      { ...tenant, violated: false, standing: { ...full, remaining: 90 } }], '200'],
    ['the one that refused, though it has more left', [
      { ...user, standing: { ...full, remaining: 1 } },
      { ...tenant, standing: { ...full, remaining: 9 } }], '200'],
    ['the narrowest of equals', [
      { ...user, standing: full },
      { ...tenant, violated: false, standing: { ...full, remaining: 200 } }], '50'],
  ])('of old report %s', (_, layers, limit) => {
    expect(rateLimitHeaders({ layers })['ratelimit-limit']).toBe(limit);
  });

  it('are lists of strings with whole numbers that say enough, whatever the decision', () => {
    const standing = fc.record({
      remaining: fc.nat(10_000),
      nextTokenMs: fc.nat(100_000),
      fullInMs: fc.nat(10_000_000),
    });
    const layer = fc.record(
      {
        name: fc.stringMatching(/^[a-z-]{1,20}$/),
        quota: fc.record({ tokens: fc.integer({ min: 1 }), windowMs: fc.integer({ min: 1 }) }),
        standing,
        violated: fc.boolean(),
      },
      { requiredKeys: ['name', 'quota', 'violated'] },
    );
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
        const headers = rateLimitHeaders({ layers });
        const policies = readList(headers['ratelimit-policy'] ?? '');
        expect(policies.map(({ value }) => value)).toEqual(layers.map(({ name }) => name));
        policies.forEach(({ parameters: { q, w } }, nth) => {
          const { tokens = 0, windowMs = 0 } = layers[nth]?.quota ?? {};
          expect(q).toBe(tokens);
          expect(w).toBe(Math.max(1, Math.ceil(windowMs / 1000)));
        });
        const known = layers.flatMap((each) => each.standing ?? []);
        const states = known.length > 0 ? readList(headers['ratelimit'] ?? '') : [];
        expect(states).toHaveLength(known.length);
        states.forEach(({ parameters: { r, t } }, nth) => {
          expect(r).toBe(known[nth]?.remaining);
          const ms = known[nth]?.nextTokenMs ?? 0;
          expect(t).toBe(ms === 0 ? undefined : Math.max(1, Math.ceil(ms / 1000)));
        });
        for (const [name, text] of Object.entries(headers)) {
          expect(rateLimitHeaderNames).toContain(name);
          if (/limit$|remaining$|reset$/.test(name) && name !== 'ratelimit')
            expect(text).toMatch(/^\d+$/);
        }
      }),
    );
  });
});
