import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTransfer, newTransfer } from '#functions/create-transfer/create-transfer.ts';
import { type Account, readAccount } from '#functions/domain/account.ts';
import { accountAddress, transferAddress } from '#functions/domain/keys.ts';
import { maxAmountMinor, maxBalanceMinor } from '#functions/domain/money.ts';
import { readTransfer } from '#functions/domain/transfer.ts';
import { publish } from '#functions/publish.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Caller } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import { ContentionError } from '#shared/idempotency/errors.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

const tenant = 'acme';
const u1: Caller = { tenant, user: 'u1', role: 'user' };
const admin: Caller = { tenant, user: 'boss', role: 'admin' };
const around = { trace: newTrace(), correlationId: 'request-1' };

const ids = ['a', 'b', 'c', 'd'].map((hex) => `0197a000-0000-7000-8000-00000000000${hex}`);
const [a = '', b = ''] = ids;
const ghost = '0197a000-0000-7000-8000-0000000000ff';

interface Wanted {
  readonly from?: string;
  readonly to?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly caller?: Caller;
  readonly key?: string;
}

async function bank(
  accounts: readonly Partial<Account>[],
  faults: (call: StoreCall) => Fault | undefined | Promise<Fault | undefined> = () => undefined,
) {
  const store = memoryStore({ faults });
  const told: ResilienceEvent[] = [];
  const pauses: number[] = [];
  const unit = unitOfWork({
    store,
    recordsTable: 'state',
    sleep: async (ms) => void pauses.push(ms),
    listen: (event) => told.push(event),
  });
  for (const [nth, fields] of accounts.entries()) {
    const id = ids[nth] ?? '';
    const account = { id, version: 1, userId: 'u1', currency: 'EUR', balanceMinor: 100, ...fields };
    await store.write({ put: account, at: accountAddress(tenant, id) });
  }
  const find = async (id: string) => readAccount(await store.read(accountAddress(tenant, id)));
  let keys = 0;
  return {
    store,
    pauses,
    find,
    balances: async () =>
      Promise.all(accounts.map(async (_, nth) => (await find(ids[nth] ?? ''))?.balanceMinor)),
    happened: () => told.map(({ happened }) => happened),
    events: () => store.items('outbox'),
    transfer({
      from = a,
      to = b,
      amountMinor = 30,
      currency = 'EUR',
      caller = u1,
      key = `key-${++keys}`,
    }: Wanted = {}) {
      const transfer = { fromAccountId: from, toAccountId: to, amountMinor, currency };
      const record = unitKey(key);
      const id = uuidV8Of(record);
      const at = transferAddress(tenant, id);
      return unit.run(
        {
          key: record,
          fingerprint: JSON.stringify(transfer),
          entityAt: at,
          rebuild: async ({ look }) => readTransfer(await look(at)),
          deadline: deadline({ inMs: 60_000 }),
          subject: 'create-transfer',
        },
        (reader) =>
          createTransfer(
            { caller, id, transfer, nowMs: Date.UTC(2026, 0, 2) },
            { reader, publish: (happening) => publish(happening, around) },
          ),
      );
    },
  };
}

const slugOf = (outcome: object): string | undefined =>
  'refusal' in outcome ? (outcome.refusal as Problem).slug : undefined;

describe('a transfer', () => {
  it('moves the amount, keeps the transfer and says so, in one transaction', async () => {
    const commits: StoreCall[] = [];
    const { transfer, find, store, events } = await bank([{}, {}], (call) => {
      if (call.verb === 'commit') commits.push(call);
      return undefined;
    });
    const outcome = await transfer();
    const answer = {
      id: expect.any(String),
      fromAccountId: a,
      toAccountId: b,
      amountMinor: 30,
      currency: 'EUR',
      createdAt: '2026-01-02T00:00:00.000Z',
    };
    expect(outcome).toEqual({ how: 'committed', answer });
    expect(await find(a)).toMatchObject({ balanceMinor: 70, version: 2 });
    expect(await find(b)).toMatchObject({ balanceMinor: 130, version: 2 });
    const { id } = (outcome as { answer: { id: string } }).answer;
    expect(readTransfer(await store.read(transferAddress(tenant, id)))).toEqual(answer);
    expect(events()).toMatchObject([
      {
        type: 'transfer.completed',
        aggregate: `transfer/${id}`,
        seq: 1,
        data: { transferId: id, userId: 'u1' },
      },
    ]);
    expect(commits).toHaveLength(1);
  });

  it('may empty an account, and is then replayed, not told that there is nothing left', async () => {
    const { transfer, balances } = await bank([{}, {}]);
    const first = await transfer({ amountMinor: 100, key: 'k' });
    expect(await transfer({ amountMinor: 100, key: 'k' })).toEqual({ ...first, how: 'replayed' });
    expect(slugOf(await transfer({ amountMinor: 1 }))).toBe('insufficient-funds');
    expect(await balances()).toEqual([0, 200]);
  });

  // biome-ignore format: a table, one refusal a row
  it.each<[string, readonly Partial<Account>[], Wanted]>([
    ['insufficient-funds', [{ balanceMinor: 29 }, {}],                               {}],
    ['self-transfer',      [{}, {}],                                                 { to: a }],
    ['account-unknown',    [{}, {}],                                                 { to: ghost }],
    ['account-unknown',    [{}, {}],                                                 { from: ghost }],
    ['account-unknown',    [{ userId: 'u2' }, {}],                                   {}],
    ['currency-mismatch',  [{}, { currency: 'USD' }],                                {}],
    ['currency-mismatch',  [{}, {}],                                                 { currency: 'USD' }],
    ['balance-exceeded',   [{}, { balanceMinor: maxBalanceMinor - 29 }],             {}],
    ['account-unknown',    [{}, {}],             { caller: { ...admin, tenant: 'globex' } }],
  ])('is refused with %s (%#), and moves nothing', async (slug, accounts, wanted) => {
    const { transfer, balances, events, store } = await bank(accounts);
    const before = await balances();
    expect(slugOf(await transfer(wanted))).toBe(slug);
    expect(await balances()).toEqual(before);
    expect([events(), store.items('state')]).toEqual([[], []]);
  });

  it('points at each account that is not there for its caller', async () => {
    const { transfer } = await bank([{ userId: 'u2' }]);
    const { options } = (
      (await transfer({ from: a, to: ghost })) as unknown as { refusal: Problem }
    ).refusal;
    expect(options.extensions).toMatchObject({
      errors: [
        { pointer: '/fromAccountId', detail: 'is no account that this caller may pay from' },
        { pointer: '/toAccountId', detail: 'is no account of this tenant' },
      ],
    });
  });

  it('goes to an account of anybody in the tenant, and from one by an admin', async () => {
    const { transfer, balances } = await bank([{}, { userId: 'u2' }]);
    expect(await transfer()).toMatchObject({ how: 'committed' });
    expect(await transfer({ from: b, to: a, caller: admin })).toMatchObject({ how: 'committed' });
    expect(await balances()).toEqual([100, 100]);
  });

  it('fills an account up to the last exact number', async () => {
    const { transfer, balances } = await bank([{}, { balanceMinor: maxBalanceMinor - 30 }]);
    expect(await transfer()).toMatchObject({ how: 'committed' });
    expect(await balances()).toEqual([70, maxBalanceMinor]);
  });
});

describe('a transfer that others are in the way of', () => {
  it('is decided anew on fresh balances', async () => {
    let commits = 0;
    const world: Awaited<ReturnType<typeof bank>> = await bank([{}, {}], async ({ verb }) => {
      if (verb === 'commit' && ++commits === 1) await world.transfer({ amountMinor: 90 });
      return undefined;
    });
    expect(slugOf(await world.transfer())).toBe('insufficient-funds');
    expect(await world.balances()).toEqual([10, 190]);
  });

  it('tries four times with growing, jittered pauses, then gives up and has moved nothing', async () => {
    const { transfer, balances, happened, pauses } = await bank([{}, {}], ({ verb }) =>
      verb === 'commit' ? 'conflict' : undefined,
    );
    await expect(transfer()).rejects.toThrow(ContentionError);
    expect(await balances()).toEqual([100, 100]);
    expect(happened()).toEqual([...Array(4).fill('conflicted'), 'gave-up']);
    expect(pauses).toHaveLength(3);
    for (const [nth, ms] of pauses.entries()) expect(ms).toBeLessThan(20 * 2 ** nth);
  });

  it('and gave up may be sent again under its key', async () => {
    let commits = 0;
    const { transfer, balances } = await bank([{}, {}], ({ verb }) =>
      verb === 'commit' && ++commits <= 4 ? 'conflict' : undefined,
    );
    await expect(transfer({ key: 'k' })).rejects.toThrow(ContentionError);
    expect(await transfer({ key: 'k' })).toMatchObject({ how: 'committed' });
    expect(await balances()).toEqual([70, 130]);
  });

  it('never says that it gave up while a lost write may still arrive', async () => {
    let commits = 0;
    const { transfer, happened } = await bank([{}, {}], ({ verb }) => {
      if (verb !== 'commit') return undefined;
      return ++commits === 1 ? 'lose-request' : 'conflict';
    });
    await expect(transfer()).rejects.not.toThrow(ContentionError);
    expect(happened()).toContain('unknown');
    expect(happened()).not.toContain('gave-up');
  });
});

const someTransfers = fc.array(
  fc.record({
    from: fc.constantFrom(...ids, ghost),
    to: fc.constantFrom(...ids, ghost),
    amountMinor: fc.integer({ min: 1, max: 150 }),
    key: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6'),
  }),
  { maxLength: 12 },
);

const sum = (numbers: readonly (number | undefined)[]) =>
  numbers.reduce<number>((total, number = Number.NaN) => total + number, 0);

describe('whatever is transferred', () => {
  it('one after the other: money is conserved, and no balance is below 0', () =>
    fc.assert(
      fc.asyncProperty(someTransfers, async (wanted) => {
        const { transfer, balances } = await bank([{}, {}, {}, {}]);
        for (const one of wanted) {
          await transfer({ ...one, caller: admin }).catch(() => {});
          const now = await balances();
          expect(sum(now)).toBe(400);
          expect(Math.min(...now.map(Number))).toBeGreaterThanOrEqual(0);
        }
      }),
    ));

  it('at once, with faults at any commit: each key moves its amount once, or nothing', () =>
    fc.assert(
      fc.asyncProperty(
        someTransfers,
        fc.infiniteStream(
          fc.constantFrom<Fault | undefined>(
            undefined,
            undefined,
            undefined,
            'lose-answer',
            'lose-request',
            'conflict',
            'throttle',
          ),
        ),
        async (wanted, faults) => {
          const world = await bank([{}, {}, {}, {}], ({ verb }) =>
            verb === 'commit' ? faults.next().value : undefined,
          );
          await Promise.allSettled(wanted.map((one) => world.transfer({ ...one, caller: admin })));
          const now = await world.balances();
          expect(sum(now)).toBe(400);
          expect(Math.min(...now.map(Number))).toBeGreaterThanOrEqual(0);

          const made = world.store
            .items('domain')
            .filter(({ fromAccountId }) => fromAccountId !== undefined)
            .map(readTransfer);
          const moved = ids.map((id) =>
            made.reduce(
              (total, { fromAccountId, toAccountId, amountMinor }) =>
                total +
                (toAccountId === id ? amountMinor : 0) -
                (fromAccountId === id ? amountMinor : 0),
              100,
            ),
          );
          expect(now).toEqual(moved);
          expect(world.events()).toHaveLength(made.length);
        },
      ),
    ));
});

describe('what may be transferred', () => {
  const valid = { fromAccountId: a, toAccountId: b, amountMinor: 1, currency: 'EUR' };
  it.each([1, maxAmountMinor])('is %d', (amountMinor) => {
    expect(newTransfer.safeParse({ ...valid, amountMinor }).success).toBe(true);
  });

  it.each([
    ['nothing', { ...valid, amountMinor: 0 }],
    ['less than nothing', { ...valid, amountMinor: -1 }],
    ['half a cent', { ...valid, amountMinor: 0.5 }],
    ['more than the most', { ...valid, amountMinor: maxAmountMinor + 1 }],
    ['more than is exact', { ...valid, amountMinor: 2 ** 53 }],
    ['endlessly much', { ...valid, amountMinor: Number.POSITIVE_INFINITY }],
    ['a text', { ...valid, amountMinor: '1' }],
    ['no currency', { ...valid, currency: undefined }],
    ['a currency that is none', { ...valid, currency: 'XQQ' }],
    ['a currency in lower case', { ...valid, currency: 'eur' }],
    ['from no id', { ...valid, fromAccountId: 'mine' }],
    ['with an id of its own', { ...valid, id: ghost }],
  ])('is not %s', (_, body) => {
    expect(newTransfer.safeParse(body).success).toBe(false);
  });

  it('names an account in either case, and not itself in another', () => {
    const upper = { ...valid, fromAccountId: a.toUpperCase() };
    expect(newTransfer.parse(upper)).toEqual(valid);
  });
});
