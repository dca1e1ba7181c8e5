/** The code and the facts of docs/patterns/rate-limit.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fixedWindow } from '#shared/rate-limit/fixed-window.ts';
import { leakyBucket } from '#shared/rate-limit/leaky-bucket.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import type { RateLimiter } from '#shared/rate-limit/rate-limiter.ts';
import { slidingWindow } from '#shared/rate-limit/sliding-window.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';
import { type CountedStore, countedStore } from './counted-store.ts';
import { startMs } from './laws.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../docs/patterns/rate-limit.md'),
  'utf8',
);

/** A stranger's handler. Its store is a real one, so it is not called here. */
async function handler(userId: string) {
  const limiter = tokenBucket({
    store: dynamoStore({ tables: { state: 'my-table' } }),
    capacity: 20,
    refillEveryMs: 200,
  });
  const take = await limiter.take(userId);
  if (!take.allowed)
    return {
      statusCode: 429,
      headers: { 'Retry-After': String(Math.ceil(take.retryAfterMs / 1000)) },
    };
  const { allowed, remaining, nextTokenMs, fullInMs } = take;
  return { statusCode: 200, body: JSON.stringify({ allowed, remaining, nextTokenMs, fullInMs }) };
}

it('foresees, and takes back', async () => {
  const bucket = tokenBucket({ store: countedStore(), capacity: 2, refillEveryMs: 1_000 });
  const takenAtMs = Date.now();
  await bucket.take('acme', { cost: 2 });
  const known = bucket.foresee('acme', { cost: 2 }); // a refusal that memory is certain of: no call is made
  await bucket.giveBack('acme', { cost: 2, takenAtMs }); // taken, and not used
  expect(known).toMatchObject({ allowed: false });
});

it('is the code on the page', () => {
  expect(handler).toBeTypeOf('function');
  // What joins several limits is run by the test beside this one.
  const ours = codeOnPage('rate-limit').filter((code) => !/layers|guarded/.test(code));
  expect(ours.length).toBeGreaterThan(2);
  for (const code of ours) expect(codeOfFile(import.meta.filename)).toContain(code);
});

const now = () => startMs;
const [capacity, refillEveryMs, windowMs] = [200, 1_000, 1_000_000];

const priced: Readonly<Record<string, (store: CountedStore) => RateLimiter>> = {
  'token bucket': (store) => tokenBucket({ store, capacity, refillEveryMs, now }),
  'leased bucket, `mostTokens` 8': (store) =>
    leasedBucket({ store, capacity, refillEveryMs, mostTokens: 8, now }),
  'leaky bucket': (store) => leakyBucket({ store, capacity, leakEveryMs: refillEveryMs, now }),
  'fixed window': (store) => fixedWindow({ store, capacity, windowMs, now }),
  'sliding window': (store) => slidingWindow({ store, capacity, windowMs, now }),
};

/** The row of the table of prices, as the calls say it. */
async function pricesOf(make: (store: CountedStore) => RateLimiter): Promise<readonly string[]> {
  const store = countedStore();
  const [limiter, other] = [make(store), make(store)];
  let calls = { ...store.calls };
  const since = () => {
    const [reads, writes] = [store.calls.reads - calls.reads, store.calls.writes - calls.writes];
    calls = { ...store.calls };
    return (
      [...(reads ? [`${reads} read`] : []), ...(writes ? [`${writes} write`] : [])].join(', ') ||
      '0'
    );
  };
  const takes = async (count: number, by = limiter) => {
    for (let nth = 0; nth < count; nth++) await by.take('key');
  };
  await takes(1);
  const first = since();
  await takes(14); // a lease is now as large as it may be, and used up
  since();
  await takes(1);
  const allowed = since();
  await takes(7);
  const next = since();
  while ((await other.take('key')).allowed);
  since();
  await takes(1);
  const refused = since();
  await takes(1);
  return [first, next === '0' ? `${allowed} for 8` : allowed, refused, since()];
}

it.each(Object.entries(priced))('has the price of the %s', async (name, make) => {
  const row = page
    .split('\n')
    .find((line) => line.startsWith(`| ${name} |`) && line.includes('write'));
  const cells = row
    ?.split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
  expect(cells).toEqual(await pricesOf(make));
});

it.each([
  ['holdMs', '1,000', 'leased-bucket'],
  ['trustMs', '1,000', 'token-bucket'],
  ['maxKeys', '10,000', 'token-bucket'],
])('has the default of %s', (option, value, file) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${option}\` |`));
  expect(row?.split('|')[4]?.trim()).toBe(value);
  const code = readFileSync(
    join(import.meta.dirname, `../../../shared/rate-limit/${file}.ts`),
    'utf8',
  );
  expect(code).toContain(`${option} = ${value.replace(',', '_')}`);
});
