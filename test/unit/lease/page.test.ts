/** The code of docs/patterns/lease.md. */
import { expect, it } from 'vitest';
import { claim } from '#shared/lease/claim.ts';
import { leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import type { Address } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const reportOf = (month: string): Address => ({ table: 'reports', key: { pk: month } });

it('writes a report and sweeps shards, each by one holder', async () => {
  const store = memoryStore();
  const [reportOfMarch, reportOfApril] = [reportOf('march'), reportOf('april')];
  const sweptAt = (shard: string): Address => ({ table: 'swept', key: { pk: shard } });
  const addUp = async (signal: AbortSignal) => (signal.aborted ? 0 : 42);
  const remainingMs = () => 50_000;
  const token = 'token';

  const held = leases({ store, table: 'lease', subject: 'reports' });
  const reports = mutex({ store, leases: held, holdMs: 15_000, waitMs: 2_000 });

  const march = async () => {
    const ran = await reports.run('report#2026-03', async ({ commit, signal }) => {
      const sum = await addUp(signal); // as long as it takes: a heartbeat extends the lease
      await commit([{ put: { sum }, at: reportOfMarch }]); // with the guard, in one transaction
      return sum;
    });
    if (!ran.ran) return { retryAfterMs: ran.retryAfterMs }; // somebody else is at it
    return ran.result;
  };
  const april = async () => {
    const answer = await held.acquire('report#2026-04', { holdMs: 15_000 });
    if (!answer.acquired) return { retryAfterMs: answer.retryAfterMs };
    const { lease } = answer;
    await store.commit({
      token,
      writes: [held.guard(lease), { put: { sum: 0 }, at: reportOfApril }],
    });
    await held.release(lease);
    return lease.token;
  };

  const sweep = claim({ mutex: mutex({ store, leases: held, holdMs: 15_000 }) });
  const sweeping = async () => {
    const { done, skipped } = await sweep({
      parts: ['shard-0', 'shard-1', 'shard-2'],
      hasTime: () => remainingMs() > 10_000,
      work: async (shard, { commit }) => commit([{ put: {}, at: sweptAt(shard) }]),
    });
    return [done.length, skipped.length];
  };

  expect(await march()).toBe(42);
  expect(await april()).toBe(1);
  expect(await sweeping()).toEqual([3, 0]);
  expect(store.items('reports')).toHaveLength(2);
  expect(store.items('swept')).toHaveLength(3);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('lease')) expect(codeOfFile(import.meta.filename)).toContain(code);
});
