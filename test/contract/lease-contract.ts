/** What leases do, over every store. */
import { describe, expect, it } from 'vitest';
import { type Acquired, type Lease, leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import type { Address, Write } from '#shared/state/items.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';

const holdMs = 10_000;

export function leaseContract(store: () => TransactionStore & ItemWriter): void {
  const given = () => {
    const clock = { nowMs: Date.now() };
    const key = `contract#${crypto.randomUUID()}`;
    const held = leases({ store: store(), table: 'lease', now: () => clock.nowMs });
    const acquire = () => held.acquire(key, { holdMs });
    const thing: Address = { table: 'state', key: { pk: `thing#${crypto.randomUUID()}` } };
    const write = (lease: Lease): Promise<boolean> =>
      store()
        .commit({
          token: crypto.randomUUID(),
          writes: [held.guard(lease), { put: { by: lease.token }, at: thing }],
        })
        .then(({ applied }) => applied);
    return { ...held, clock, key, acquire, write, written: () => store().read(thing) };
  };

  it('has one holder, and says how long it may be', async () => {
    const { acquire, clock } = given();
    const first = gained(await acquire());
    expect(first).toMatchObject({ token: 1, heldUntilMs: clock.nowMs + holdMs });
    clock.nowMs += 4_000;
    expect(await acquire()).toEqual({ acquired: false, retryAfterMs: 6_000 });
  });

  it('is free at its end, and not a millisecond before', async () => {
    const { acquire, clock } = given();
    await acquire();
    clock.nowMs += holdMs - 1;
    expect(await acquire()).toEqual({ acquired: false, retryAfterMs: 1 });
    clock.nowMs += 1;
    expect(gained(await acquire()).token).toBe(2);
  });

  it('keeps its token when it is released', async () => {
    const { acquire, release } = given();
    for (const token of [1, 2, 3]) {
      const lease = gained(await acquire());
      expect(lease.token).toBe(token);
      expect(await release(lease)).toBe(true);
    }
  });

  it('is extended from now on, and never shortened', async () => {
    const { acquire, extend, clock } = given();
    const lease = gained(await acquire());
    clock.nowMs += 4_000;
    const longer = await extend(lease, { holdMs });
    expect(longer).toEqual({ ...lease, heldUntilMs: clock.nowMs + holdMs });
    expect(await extend(longer ?? lease, { holdMs: 1 })).toEqual(longer);
    clock.nowMs += holdMs - 1;
    expect(await acquire()).toMatchObject({ acquired: false, retryAfterMs: 1 });
  });

  it('is still its holder’s after its end, while nobody took it', async () => {
    const { acquire, extend, write, clock } = given();
    const lease = gained(await acquire());
    clock.nowMs += 2 * holdMs;
    expect(await write(lease)).toBe(true);
    expect(await extend(lease, { holdMs })).toMatchObject({ token: 1 });
    expect((await acquire()).acquired).toBe(false);
  });

  it('is neither extended, released nor written under once it was taken over', async () => {
    const { acquire, extend, release, write, written, clock } = given();
    const frozen = gained(await acquire());
    clock.nowMs += holdMs;
    const next = gained(await acquire());
    expect(await write(frozen)).toBe(false);
    expect(await extend(frozen, { holdMs })).toBeUndefined();
    expect(await release(frozen)).toBe(false);
    expect(await written()).toBeUndefined();
    expect(await write(next)).toBe(true);
    expect(await release(next)).toBe(true);
    expect(await write(next)).toBe(false);
    expect(await write(frozen)).toBe(false);
  });

  it('has one holder of many that ask at once', async () => {
    const { acquire } = given();
    const answers = await Promise.all(Array.from({ length: 8 }, acquire));
    expect(answers.filter(({ acquired }) => acquired)).toHaveLength(1);
  });

  describe('the mutex', () => {
    it('lets one at a time through, and loses none of what they count', async () => {
      const at: Address = { table: 'state', key: { pk: `count#${crypto.randomUUID()}` } };
      const leasing = leases({ store: store(), table: 'lease', baseDelayMs: 5, maxDelayMs: 20 });
      const key = crypto.randomUUID();
      const { run } = mutex({ store: store(), leases: leasing, holdMs: 30_000, waitMs: 15_000 });
      const ran = await Promise.all(
        Array.from({ length: 6 }, () =>
          run(key, async ({ commit }) => {
            // Read, then written: nothing but the mutex keeps two of them apart.
            const count = Number((await store().read(at))?.['count'] ?? 0);
            const write: Write = { put: { count: count + 1 }, at };
            expect(await commit([write])).toEqual({ applied: true });
          }),
        ),
      );
      expect(ran.every((each) => each.ran)).toBe(true);
      expect((await store().read(at))?.['count']).toBe(6);
    });
  });
}

function gained(answer: Acquired): Lease {
  if (!answer.acquired) throw new Error(`held for another ${answer.retryAfterMs} ms`);
  return answer.lease;
}
