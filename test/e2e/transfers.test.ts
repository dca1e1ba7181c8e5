/** Many transfers over few accounts at once: money is moved, never made or lost. */
import { describe, expect, it } from 'vitest';
import { readAccount } from '#functions/domain/account.ts';
import { accountAddress } from '#functions/domain/keys.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs, type Received, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';

const tenant = 'load';
const account = (nth: number) => `0197a000-0000-7000-8000-00000000b00${nth}`;
const accounts = [1, 2, 3, 4].map(account);

const balanceOf = async (id: string) =>
  readAccount(await store.read(accountAddress(tenant, id)))?.balanceMinor ?? Number.NaN;

const balances = () => Promise.all(accounts.map(balanceOf));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

interface Transfer {
  readonly id: string;
}

const body = (from: number, to: number, amountMinor: number) => ({
  fromAccountId: accounts[from],
  toAccountId: accounts[to],
  amountMinor,
  currency: 'EUR',
});

/** Sends until it is decided: a 503 is safe to repeat under its key. Answers the refusals met. */
async function insist(send: Send, key: string, wanted: object) {
  let busy = 0;
  const answer = await eventually(async (): Promise<Received<Transfer>> => {
    const one = await send<Transfer>('POST', '/transfers', { key, body: wanted });
    if (one.status !== 201) busy++;
    expect(one.status).toBe(201);
    return one;
  }, 60_000);
  return { answer, busy };
}

describe('forty transfers at once over four accounts, each sent twice', () => {
  it('conserve the sum, and each moves its amount once', { timeout: 120_000 }, async () => {
    const send = await callerAs({ tenant });
    const before = await balances();
    const wanted = Array.from({ length: 40 }, (_, nth) => ({
      key: crypto.randomUUID(),
      from: nth % 4,
      to: (nth + 1 + (nth % 3)) % 4,
      amountMinor: 1 + nth,
    }));
    const jobs = [...wanted, ...wanted];
    const done: Awaited<ReturnType<typeof insist>>[] = [];
    const worker = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift())
        done.push(await insist(send, job.key, body(job.from, job.to, job.amountMinor)));
    };
    await Promise.all(Array.from({ length: 20 }, worker));

    const after = await balances();
    expect(sum(after)).toBe(sum(before));
    const expected = before.map((balance, nth) =>
      wanted.reduce(
        (total, { from, to, amountMinor }) =>
          total + (to === nth ? amountMinor : 0) - (from === nth ? amountMinor : 0),
        balance,
      ),
    );
    expect(after).toEqual(expected);
    const ids = new Set(done.map(({ answer }) => answer.body.id));
    expect(ids.size).toBe(40);
    expect(done.filter(({ answer }) => answer.headers.has('idempotency-replayed'))).toHaveLength(
      40,
    );
    const made = (await everyItemOf('domain')).filter(({ id }) => ids.has(String(id)));
    expect(made).toHaveLength(40);
    await eventually(async () => {
      const entries = (await everyItemOf('domain')).filter(
        ({ type, aggregate }) =>
          type === 'transfer.completed' && ids.has(String(aggregate).split('/')[1] ?? ''),
      );
      expect(entries).toHaveLength(40);
    }, 60_000);
  });
});

describe('a transfer', () => {
  it('that empties an account is replayed, and a further one refused', async () => {
    const send = await callerAs({ tenant });
    const [from, to] = [account(9), account(8)];
    const amountMinor = await balanceOf(from);
    const all = { fromAccountId: from, toAccountId: to, amountMinor, currency: 'EUR' };
    const key = crypto.randomUUID();
    const first = await send('POST', '/transfers', { key, body: all });
    expect(first.status).toBe(201);
    const again = await send('POST', '/transfers', { key, body: all });
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await send('POST', '/transfers', { body: { ...all, amountMinor: 1 } })).toMatchObject({
      status: 409,
      body: { type: '/problems/insufficient-funds' },
    });
    expect((await send('GET', `/accounts/${from}`)).body).toMatchObject({ balanceMinor: 0 });
  });

  const seeded = (nth: number) => `0197a000-0000-7000-8000-00000000a00${nth}`;
  const valid = {
    fromAccountId: seeded(2),
    toAccountId: seeded(3),
    amountMinor: 1,
    currency: 'EUR',
  };
  // biome-ignore format: a table, one refusal a row
  it.each<[string, number, object]>([
    ['account-unknown',   422, { fromAccountId: seeded(3), toAccountId: seeded(2) }],
    ['account-unknown',   422, { toAccountId: '0197a000-0000-7000-8000-00000000ffff' }],
    ['self-transfer',     422, { toAccountId: seeded(2) }],
    ['currency-mismatch', 422, { fromAccountId: seeded(4) }],
    ['invalid-request',   400, { amountMinor: 0 }],
    ['invalid-request',   400, { amountMinor: -5 }],
    ['invalid-request',   400, { amountMinor: 0.5 }],
    ['invalid-request',   400, { amountMinor: 2 ** 53 }],
    ['invalid-request',   400, { currency: 'XQQ' }],
  ])('is refused with %s (%d): %j', async (slug, status, wrong) => {
    const send = await callerAs({ tenant });
    expect(await send('POST', '/transfers', { body: { ...valid, ...wrong } })).toMatchObject({
      status,
      body: { type: `/problems/${slug}` },
    });
  });
});

describe('an account', () => {
  it('is read by its user and an admin, with its ETag, and is not there for others', async () => {
    const at = '/accounts/0197a000-0000-7000-8000-00000000a001';
    const asked = async (who: Parameters<typeof callerAs>[0]) => (await callerAs(who))('GET', at);
    const own = await asked({ tenant });
    expect(own).toMatchObject({ status: 200, body: { currency: 'EUR', version: 1 } });
    expect(own.headers.get('etag')).toBe('"1"');
    expect((await asked({ tenant, user: 'boss', role: 'admin' })).status).toBe(200);
    expect((await asked({ tenant, user: 'u2' })).status).toBe(404);
  });
});
