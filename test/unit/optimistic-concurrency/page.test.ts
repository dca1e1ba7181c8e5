/** The code of docs/patterns/optimistic-concurrency.md, and the log lines that it shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import { staleVersion } from '#shared/http/if-match.ts';
import { ContentionError } from '#shared/idempotency/errors.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { advisoryLock } from '#shared/lease/advisory-lock.ts';
import { leases } from '#shared/lease/lease.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const at = { table: 'domain', key: { pk: 'order/7' } };
const subject = 'create-transfer';
const sleep = async () => {};

const requestOf = (key: string) => ({
  key,
  fingerprint: key,
  retainMs: 60_000,
  deadline: deadline({ inMs: 60_000 }),
  subject,
});

it('loses a change where nothing is conditioned', async () => {
  const store = memoryStore();
  await store.write({ put: { stock: 5 }, at });

  const [ours, theirs] = await Promise.all([store.read(at), store.read(at)]);
  await store.write({ set: { stock: Number(ours?.['stock']) + 10 }, at });
  await store.write({ set: { stock: Number(theirs?.['stock']) - 1 }, at });

  expect(await store.read(at)).toMatchObject({ stock: 4 }); // 5 + 10 − 1 is 14
});

it('refuses whoever has not seen the last version', async () => {
  const store = memoryStore();
  await store.write({ put: { version: 1, address: 'Here' }, at });

  const unit = unitOfWork({ store, recordsTable: 'state' });
  const move = (key: string, ifMatch: number, address: string) =>
    unit.run(requestOf(key), async ({ read }) => {
      const order = await read(at);
      const version = Number(order?.['version']);
      if (version !== ifMatch) return { refused: staleVersion(version) };
      return {
        answer: { version: version + 1 },
        writes: [{ set: { address, version: version + 1 }, at }],
      };
    });

  expect(await move('k1', 1, 'There')).toMatchObject({ how: 'committed' });
  expect(await move('k2', 1, 'Elsewhere')).toMatchObject({ how: 'refused' });
  expect(await store.read(at)).toMatchObject({ version: 2, address: 'There' });
});

it('lets a holder that woke up too late write nothing', async () => {
  const told: string[] = [];
  const listen = ({ pattern, happened }: ResilienceEvent) =>
    void told.push(`${pattern} ${happened}`);
  const clock = { nowMs: 1_000_000 };
  const now = () => clock.nowMs;
  let commits = 0;
  const store = memoryStore({
    async faults({ verb }) {
      if (verb !== 'commit' || ++commits > 1) return undefined;
      clock.nowMs += 6_000;
      await withdraw('next', 50);
      return undefined;
    },
  });
  await store.write({ put: { version: 1, balance: 100 }, at });
  const unit = unitOfWork({ store, recordsTable: 'state', listen, sleep });

  const held = leases({ store, table: 'lease', subject, listen, now, sleep });
  const lock = advisoryLock({ leases: held, holdMs: 5_000, waitMs: 2_000, subject, listen, now });
  const withdraw = (key: string, amount: number) =>
    lock.run('account/7', ({ lease }) =>
      unit.run(requestOf(key), async ({ read }) => {
        const account = await read(at);
        const left = Number(account?.['balance']) - amount;
        if (left < 0) return { refused: 'insufficient funds' };
        return {
          answer: { left },
          writes: [{ set: { balance: left }, add: { version: 1 }, at }, held.guard(lease)],
        };
      }),
    );

  await expect(withdraw('late', 30)).rejects.toThrow(ContentionError);
  expect(await store.read(at)).toMatchObject({ balance: 50, version: 2 });
  expect(told).toEqual(linesOnPage('A lease that was taken over'));
});

it('gives up where others are first every time', async () => {
  const told: string[] = [];
  const store = memoryStore({
    faults: ({ verb }) => (verb === 'commit' ? 'conflict' : undefined),
  });
  const unit = unitOfWork({
    store,
    recordsTable: 'state',
    sleep,
    listen: ({ pattern, happened }) => void told.push(`${pattern} ${happened}`),
  });
  const decide = async () => ({ answer: 'done', writes: [] });
  await expect(unit.run(requestOf('k'), decide)).rejects.toThrow(ContentionError);
  expect(told).toEqual(linesOnPage('A conflict at every run'));
});

it('is the code on the page', () => {
  const code = codeOnPage('optimistic-concurrency');
  expect(code.length).toBeGreaterThan(2);
  for (const part of code) expect(codeOfFile(import.meta.filename)).toContain(part);
});

/** The messages of the resilience events in the log under a heading of the page. */
function linesOnPage(heading: string): readonly string[] {
  const path = '../../../docs/patterns/optimistic-concurrency.md';
  const page = readFileSync(join(import.meta.dirname, path), 'utf8');
  const [, log = ''] = page.split(`### ${heading}\n`)[1]?.match(/```json\n(.*?)```/s) ?? [];
  return log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly message: string; readonly resilience?: object })
    .filter(({ resilience }) => resilience !== undefined)
    .map(({ message }) => message);
}
