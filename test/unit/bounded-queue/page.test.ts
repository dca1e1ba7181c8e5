/** The code and the facts of docs/patterns/bounded-queue.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relayJobStatuses } from '#functions/domain/relay-job.ts';
import { relayBound, relayOverdueMs, relayShares } from '#functions/tables/relay.ts';
import { shares } from '#shared/bounded-queue/shares.ts';
import { slots } from '#shared/bounded-queue/slots.ts';
import type { Address } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../docs/patterns/bounded-queue.md'),
  'utf8',
);

it('takes a place, gives it back once, and looks before it says no', async () => {
  const store = memoryStore();
  const jobAt: Address = { table: 'jobs', key: { pk: 'job-1' } };

  const places = slots({ at: { table: 'jobs', key: { pk: 'places' } }, capacity: 100 });

  const accept = async (token: string) => {
    const accepted = await store.commit({
      token,
      writes: [{ put: { state: 'waiting' }, at: jobAt, when: { absent: true } }, places.take],
    });
    if (!accepted.applied) return { status: 429, retryAfterMs: 5_000 };
    return { status: 202 };
  };
  const leave = async (anotherToken: string) => {
    const left = await store.commit({
      token: anotherToken,
      writes: [
        { set: { state: 'done' }, at: jobAt, when: { where: { state: { equals: 'waiting' } } } },
        places.giveBack,
      ],
    });
    return left.applied;
  };
  const look = async () => {
    const { free } = places.standing(await store.read(places.at));
    if (free === 0) return { status: 429, retryAfterMs: 5_000 };
    return { free };
  };

  const divided = shares({ bound: 100, byTenant: { acme: 40, globex: 20 }, others: 10 });
  const { tenant: owner, capacity } = divided.of('acme');

  expect(await accept('a')).toEqual({ status: 202 });
  expect(await look()).toEqual({ free: 99 });
  expect([await leave('b'), await leave('c')]).toEqual([true, false]);
  expect(await look()).toEqual({ free: 100 });
  expect(await accept('d')).toMatchObject({ status: 429 });
  expect([owner, capacity]).toEqual(['acme', 40]);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('bounded-queue'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});

it('has on its page the bound, the shares, the time of the reconciler and the states', () => {
  const named = relayShares.all.map(
    ({ tenant = 'all others', capacity }) => `${tenant} ${capacity}`,
  );
  expect(page).toContain(`Its bound is ${relayBound}, divided into ${named.join(', ')}`);
  expect(page).toContain(`longer than ${relayOverdueMs / 3_600_000} hours`);
  expect(page).toContain(`after\n${relayOverdueMs / 3_600_000} hours and one run`);
  for (const status of relayJobStatuses) expect(page).toMatch(new RegExp(`--> ${status}:`));
});
