/** What a unit of work promises over any store, in its compact and its leased mode. */
import { describe, expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import { InProgressError, KeyReusedError, RecordFaultError } from '#shared/idempotency/errors.ts';
import { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import type { Effected, Outside } from '#shared/idempotency/leased-work.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { Address } from '#shared/state/items.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';

type Store = TransactionStore & ItemWriter;

const duplicates = 20;
const all = <T>(run: () => Promise<T>): Promise<readonly PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: duplicates }, run));

/** Asked again until nobody is in the way any more, as a caller of good manners would. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof InProgressError) || tries === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, error.retryAfterMs)));
    }
  }
}

const request = () => ({
  key: crypto.randomUUID(),
  fingerprint: 'f',
  deadline: deadline({ inMs: 15_000 }),
  subject: 'contract',
});

const inDomain = (pk: string): Address => ({ table: 'domain', key: { pk, sk: 'it' } });

function compactContract(store: () => Store): void {
  const unit = () => unitOfWork({ store: store(), recordsTable: 'state' });

  /** Makes a thing and counts, in another item, how often it was made. */
  function maker() {
    const asked = request();
    const thingAt = inDomain(`thing-${asked.key}`);
    const countAt = inDomain(`count-${asked.key}`);
    return {
      thingAt,
      made: async () => (await store().read(countAt))?.['made'],
      make: (parts: object = {}) =>
        unit().run({ ...asked, entityAt: thingAt, ...parts }, async () => ({
          answer: { nonce: crypto.randomUUID() },
          writes: [
            { add: { made: 1 }, at: countAt },
            { put: { version: 1 }, at: thingAt, when: { absent: true } },
          ],
        })),
    };
  }

  it('makes one thing of a request and its duplicates, at once and later', async () => {
    const { make, made, thingAt } = maker();
    const ends = await all(make);
    const answers = ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason));
    expect(answers.filter(({ how }) => how === 'committed')).toHaveLength(1);
    expect(new Set(answers.map(({ answer }) => answer?.nonce)).size).toBe(1);
    await store().write({ set: { name: 'changed' }, add: { version: 1 }, at: thingAt });
    expect(await make({ peek: true })).toEqual({ ...answers[0], how: 'replayed' });
    expect(await make()).toEqual({ ...answers[0], how: 'replayed' });
    expect(await made()).toBe(1);
  });

  it('rejects another payload under its key', async () => {
    const { make, made } = maker();
    await make();
    await expect(make({ fingerprint: 'g' })).rejects.toThrow(KeyReusedError);
    expect(await made()).toBe(1);
  });

  it('takes an entity without a record for a fault', async () => {
    const { make, made, thingAt } = maker();
    await store().write({ put: { version: 1 }, at: thingAt });
    await expect(make()).rejects.toThrow(RecordFaultError);
    expect(await made()).toBeUndefined();
  });
}

function leasedContract(store: () => Store): void {
  const unit = () => leasedUnitOfWork({ store: store(), recordsTable: 'state' });

  /** Charges outside and counts inside. */
  function desk(parts: object = {}) {
    const asked = { ...request(), retainMs: 60_000, holdMs: 5_000, ...parts };
    const countAt = inDomain(`count-${asked.key}`);
    const keys: string[] = [];
    const charge = async ({ key }: Outside): Promise<Effected<string, string>> => {
      keys.push(key);
      return { done: `charge-${new Set(keys).size}` };
    };
    return {
      keys,
      charge,
      recordAt: { table: 'state', key: { pk: `idem#${asked.key}` } } satisfies Address,
      charged: async () => (await store().read(countAt))?.['charged'],
      pay: (effect = charge, over: object = {}) =>
        unit().run(
          { ...asked, ...over },
          {
            effect,
            decide: async (charged) => ({
              answer: { charged, nonce: crypto.randomUUID() },
              writes: [{ add: { charged: 1 }, at: countAt }],
            }),
          },
        ),
    };
  }

  const fails = async (): Promise<never> => {
    throw new Error('timed out');
  };

  it('asks once for a request and its duplicates, at once and later', async () => {
    const { pay, charged, keys } = desk();
    const ends = await all(() => patiently(pay));
    const answers = ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason));
    expect(answers.filter(({ how }) => how === 'committed')).toHaveLength(1);
    expect(new Set(answers.map(({ answer }) => answer?.nonce)).size).toBe(1);
    expect(await pay(fails, { peek: true })).toEqual({ ...answers[0], how: 'replayed' });
    expect([await charged(), keys.length]).toEqual([1, 1]);
  });

  it('lets no more than one at a time ask', async () => {
    let [asking, most] = [0, 0];
    const { pay, charge } = desk();
    await all(() =>
      patiently(() =>
        pay(async (outside) => {
          most = Math.max(most, ++asking);
          await new Promise((resolve) => setTimeout(resolve, 20));
          asking--;
          return charge(outside);
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it('refuses a duplicate while it runs, and says for how long', async () => {
    const { pay, charge } = desk();
    let refusal: unknown;
    await pay(async (outside) => {
      refusal = await pay(fails).catch((error: unknown) => error);
      return charge(outside);
    });
    expect(refusal).toBeInstanceOf(InProgressError);
    const { retryAfterMs } = refusal as InProgressError;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  it('asks again under the same key after an outcome that nobody knows', async () => {
    const { pay, charge, charged, keys } = desk();
    await expect(
      pay(async (outside) => {
        await charge(outside);
        return fails();
      }),
    ).rejects.toThrow('may have happened');
    expect(await pay()).toMatchObject({ how: 'committed', answer: { charged: 'charge-1' } });
    expect([new Set(keys).size, await charged()]).toEqual([1, 1]);
  });

  it('has its key free after a refusal', async () => {
    const { pay, recordAt, charged } = desk();
    expect(await pay(async () => ({ refused: 'no' }))).toEqual({ how: 'refused', refusal: 'no' });
    expect(await store().read(recordAt)).toBeUndefined();
    expect(await pay()).toMatchObject({ how: 'committed' });
    expect(await charged()).toBe(1);
  });

  it('keeps a late owner from what its successor has done', async () => {
    const { pay, charge, charged, recordAt } = desk({ holdMs: 600 });
    const late = pay(async (outside) => {
      const end = performance.now() + 15_000;
      // Until the successor has committed.
      while ((await store().read(recordAt))?.['answer'] === undefined && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return charge(outside);
    });
    const successor = await patiently(pay);
    const record = await store().read(recordAt);
    expect(successor.how).toBe('committed');
    expect(await late).toEqual({ ...successor, how: 'replayed' });
    expect(await store().read(recordAt)).toEqual(record);
    expect(await charged()).toBe(1);
  });

  it('rejects another payload under its key', async () => {
    const { pay } = desk();
    await pay();
    await expect(pay(fails, { fingerprint: 'g' })).rejects.toThrow(KeyReusedError);
  });
}

export const unitOfWorkContract = (store: () => Store): void => {
  describe('compact', () => compactContract(store));
  describe('leased', () => leasedContract(store));
};
