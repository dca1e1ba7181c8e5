/** The code of docs/patterns/rate-limit.md that joins several limits. */
import { expect, it } from 'vitest';
import { guard } from '#shared/rate-limit/guard.ts';
import { rateLimitHeaders } from '#shared/rate-limit/headers.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

it('lets a call through both limits, and refuses what is too much for one', async () => {
  const store = memoryStore();
  const now = () => 1_700_000_000_000;
  const of = { store, now, refillEveryMs: 1_000 };
  const users = tokenBucket({ ...of, name: 'users', capacity: 2 });
  const tenants = leasedBucket({ ...of, name: 'tenants', capacity: 9, mostTokens: 3 });
  const [fewUsers, fewTenants] = [1, 2].map((capacity) =>
    memoryBucket({ capacity, refillEveryMs: 10_000, now }),
  ) as [ReturnType<typeof memoryBucket>, ReturnType<typeof memoryBucket>];
  const [tenant, user] = ['acme', 'u1'];

  const layers = [
    { name: 'user-write', limiter: users, insured: fewUsers, key: `${tenant}#${user}`, cost: 1 },
    { name: 'tenant-write', limiter: tenants, insured: fewTenants, key: tenant, cost: 1 },
  ];
  const guarded = guard({ subject: 'orders' });

  const call = async () => {
    const decision = await guarded.take(layers, 'insurance');
    const headers = rateLimitHeaders(decision);
    if (!decision.allowed) return { status: 429, headers, retryAfterMs: decision.retryAfterMs };
    return { status: 200, headers };
  };

  expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
  expect(await call()).toMatchObject({
    status: 429,
    retryAfterMs: 1_000,
    headers: {
      'ratelimit-policy': '"user-write";q=2;w=2, "tenant-write";q=9;w=9',
      ratelimit: '"user-write";r=0;t=1',
    },
  });
});

it('is the code on the page', () => {
  const ours = codeOnPage('rate-limit').filter((code) => /layers|guarded/.test(code));
  expect(ours).toHaveLength(2);
  for (const code of ours) expect(codeOfFile(import.meta.filename)).toContain(code);
});
