/** The code of docs/patterns/idempotency.md. */
import { expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const hourMs = 3_600_000;

it('withdraws once, however often it is asked', async () => {
  const store = memoryStore();
  const at = { table: 'domain', key: { pk: 'account#7' } };
  await store.write({ put: { balance: 100, version: 1 }, at });
  const [tenant, user, key, amount] = ['acme', 'u1', 'a key of the caller', 30];
  const body = { amount };

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

it('is the code on the page', () => {
  for (const code of codeOnPage('idempotency'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});
