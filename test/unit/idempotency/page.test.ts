/** The code of docs/patterns/idempotency.md. */
import { expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import type { Address } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const hourMs = 3_600_000;
const [tenant, user, key, amount] = ['acme', 'u1', 'a key of the caller', 30];
const body = { amount };
const thingAt = (id: string): Address => ({ table: 'domain', key: { pk: `thing#${id}` } });

it('withdraws once, however often it is asked', async () => {
  const store = memoryStore();
  const at = { table: 'domain', key: { pk: 'account#7' } };
  await store.write({ put: { balance: 100, version: 1 }, at });

  async function withdraw() {
    const unit = unitOfWork({ store, recordsTable: 'state' });
    return unit.run(
      {
        key: unitKey(tenant, user, 'POST /withdrawals', key),
        fingerprint: fingerprint({ method: 'POST', path: '/withdrawals', body }),
        retainMs: 24 * hourMs,
        deadline: deadline({ inMs: 5_000 }),
        subject: 'withdraw',
      },
      async ({ read }) => {
        const account = await read(at);
        const left = Number(account?.['balance']) - amount;
        if (left < 0) return { refused: 'insufficient funds' };
        return {
          answer: { left },
          writes: [{ set: { balance: left }, add: { version: 1 }, at }],
        };
      },
    );
  }

  expect(await withdraw()).toEqual({ how: 'committed', answer: { left: 70 } });
  expect(await withdraw()).toEqual({ how: 'replayed', answer: { left: 70 } });
});

it('makes one thing, which is the record of its making, and gives its answer back', async () => {
  const store = memoryStore();
  const unit = unitOfWork({ store, recordsTable: 'state' });
  const request = {
    key: unitKey(tenant, user, 'POST /things', key),
    fingerprint: fingerprint({ method: 'POST', path: '/things', body }),
    deadline: deadline({ inMs: 5_000 }),
    subject: 'create-thing',
  };

  async function create() {
    const id = uuidV8Of(request.key);
    return unit.run({ ...request, entityAt: thingAt(id) }, async () => ({
      answer: { id },
      writes: [{ put: { id, version: 1 }, at: thingAt(id), when: { absent: true } }],
    }));
  }

  const first = await create();
  expect(first.how).toBe('committed');
  expect(await create()).toEqual({ ...first, how: 'replayed' });
  expect([store.items('domain').length, store.items('state').length]).toEqual([1, 0]);
});

it('asks for a charge under one key', async () => {
  const store = memoryStore();
  const charges = new Map<string, string>();
  const provider = {
    async charge(amountMinor: number, { key: under }: { key: string; signal: AbortSignal }) {
      charges.set(under, `charge of ${amountMinor}`);
      return { status: amountMinor > 500 ? 402 : 201, charge: charges.get(under) ?? '' };
    },
  };

  async function pay(amountMinor: number) {
    const unit = leasedUnitOfWork({ store, recordsTable: 'state' });
    return unit.run(
      {
        key: unitKey(tenant, user, 'POST /payments', `${key} ${amountMinor}`),
        fingerprint: fingerprint({ method: 'POST', path: '/payments', body: { amountMinor } }),
        retainMs: 24 * hourMs,
        holdMs: 4_000,
        deadline: deadline({ inMs: 5_000 }),
        subject: 'create-payment',
      },
      {
        async effect({ key, deadline: { signal } }) {
          const { status, charge } = await provider.charge(amountMinor, { key, signal });
          return status === 402 ? { refused: 'card declined' } : { done: charge };
        },
        decide: async (charge, _reader, { id }) => ({
          answer: { id, charge },
          writes: [{ put: { charge, amountMinor, version: 1 }, at: thingAt(id) }],
        }),
      },
    );
  }

  const first = await pay(300);
  expect(first).toMatchObject({ how: 'committed', answer: { charge: 'charge of 300' } });
  expect(await pay(300)).toEqual({ ...first, how: 'replayed' });
  expect(await pay(600)).toEqual({ how: 'refused', refusal: 'card declined' });
});

it('is the code on the page', () => {
  for (const code of codeOnPage('idempotency'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});
