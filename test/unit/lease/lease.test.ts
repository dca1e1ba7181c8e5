import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineExceededError, deadline } from '#shared/deadline/deadline.ts';
import { type Lease, leases } from '#shared/lease/lease.ts';
import { extendWrite, LeaseFaultError, leaseAddress } from '#shared/lease/lease-item.ts';
import { mutex } from '#shared/lease/mutex.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { gained, inOrder, leasing } from './support.ts';

const holdMs = 1_000;

describe('a lease', () => {
  it('leaves an item without ttl, whose token outlives every holder', async () => {
    const { leases: held, store } = leasing();
    await held.release(gained(await held.acquire('k', { holdMs })));
    expect(store.items('lease')).toEqual([
      { pk: 'lease#k', token: 1, owner: null, expiresAtMs: 0 },
    ]);
  });

  it('tells of taking, taking over, giving back and losing', async () => {
    const { leases: held, events, clock } = leasing({ subject: 'report' });
    const frozen = gained(await held.acquire('k', { holdMs }));
    clock.nowMs += holdMs;
    const next = gained(await held.acquire('k', { holdMs }));
    await held.extend(frozen, { holdMs });
    await held.release(next);
    await held.release(frozen);
    expect(events.map(({ happened, facts }) => `${happened} ${facts?.['token']}`)).toEqual([
      'acquired 1',
      'taken-over 2',
      'lost 1',
      'released 2',
      'lost 1',
    ]);
    expect(
      events.every(({ subject, pattern }) => pattern === 'lease' && subject === 'report'),
    ).toBe(true);
  });

  it('is not shortened by an extension that arrives late', async () => {
    const { leases: held, store, clock } = leasing();
    const lease = gained(await held.acquire('k', { holdMs }));
    clock.nowMs += 300;
    const earlyUntilMs = clock.nowMs + holdMs;
    clock.nowMs += 300;
    const extended = await held.extend(lease, { holdMs });
    await store.write(extendWrite(leaseAddress('lease', 'k'), lease, earlyUntilMs));
    expect(store.items('lease')[0]?.['expiresAtMs']).toBe(extended?.heldUntilMs);

    expect(await held.extend(lease, { holdMs: 1 })).toEqual(extended);
  });

  it('has tokens that only grow, whatever is done with it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('acquire', 'release', 'extend', 'lapse'), { maxLength: 40 }),
        async (steps) => {
          const { leases: held, clock, store } = leasing();
          let lease = gained(await held.acquire('k', { holdMs }));
          let highest = lease.token;
          for (const step of steps) {
            if (step === 'lapse') clock.nowMs += holdMs;
            if (step === 'release') await held.release(lease);
            if (step === 'extend') lease = (await held.extend(lease, { holdMs })) ?? lease;
            if (step === 'acquire') {
              const answer = await held.acquire('k', { holdMs });
              if (!answer.acquired) continue;
              expect(answer.lease.token).toBeGreaterThan(highest);
              lease = answer.lease;
              highest = lease.token;
            }
            expect(store.items('lease')[0]?.['token']).toBe(highest);
          }
        },
      ),
    ));

  it('stays with a holder who extends it while another is about to take it', async () => {
    const { leases: held, clock, faults } = leasing();
    const lease = gained(await held.acquire('k', { holdMs }));
    clock.nowMs += holdMs;
    faults.next = ({ verb }) => {
      if (verb === 'write') {
        faults.next = () => undefined;
        void held.extend(lease, { holdMs });
      }
      return undefined;
    };
    expect(await held.acquire('k', { holdMs })).toEqual({ acquired: false, retryAfterMs: holdMs });
  });

  it('is the same for a fast clock and a slow one, but for when it may be taken', async () => {
    const store = memoryStore();
    const at = (nowMs: number) => leases({ store, table: 'lease', now: () => nowMs });
    const slow = gained(await at(10_000).acquire('k', { holdMs }));
    // A clock that is a second ahead takes it early; the token sees to it that nobody is harmed.
    const fast = gained(await at(11_000).acquire('k', { holdMs }));
    expect(fast.token).toBe(2);
    const writes = [at(10_500).guard(slow), { put: {}, at: { table: 'things', key: { pk: '1' } } }];
    expect(await store.commit({ token: 't', writes })).toMatchObject({ applied: false });
  });
});

describe('an answer that is lost', () => {
  it.each(['lose-answer', 'lose-request'] as const)(
    'to the taking of a lease (%s) leaves it with its taker, once',
    async (fault) => {
      const { leases: held, faults, store } = leasing();
      faults.next = inOrder('write', fault);
      const lease = gained(await held.acquire('k', { holdMs }));
      expect(lease.token).toBe(1);
      expect(store.items('lease')).toMatchObject([{ owner: lease.owner, token: 1 }]);
    },
  );

  it('to a taking that arrives late, just before it is sent again, leaves it with its taker', async () => {
    const { leases: held, faults, store, clock } = leasing();
    let sends = 0;
    faults.next = ({ verb }) => {
      if (verb !== 'write') return undefined;
      if (++sends === 1) return 'lose-request';
      faults.next = () => undefined;
      const late = { token: 1, owner: 'holder-1', expiresAtMs: clock.nowMs + holdMs };
      void store.write({ put: late, at: leaseAddress('lease', 'k') });
      return undefined;
    };
    expect(gained(await held.acquire('k', { holdMs }))).toMatchObject({
      owner: 'holder-1',
      token: 1,
    });
  });

  it('to a release is no loss', async () => {
    const { leases: held, faults } = leasing();
    const lease = gained(await held.acquire('k', { holdMs }));
    faults.next = inOrder('write', 'lose-answer');
    expect(await held.release(lease)).toBe(true);
  });

  it('to an extension is asked for again', async () => {
    const { leases: held, faults, clock } = leasing();
    const lease = gained(await held.acquire('k', { holdMs }));
    faults.next = inOrder('write', 'lose-answer');
    const extended = await held.extend(lease, { holdMs });
    expect(extended?.heldUntilMs).toBeGreaterThan(clock.nowMs);
  });

  it('again and again is a fault, never a refusal', async () => {
    const { leases: held, faults } = leasing();
    faults.next = () => new Error('down');
    await expect(held.acquire('k', { holdMs })).rejects.toThrow('down');
  });
});

describe('traps that others fell into', () => {
  it('one that was refused takes nothing from the holder', async () => {
    const { leases: held, store } = leasing();
    const lease = gained(await held.acquire('k', { holdMs }));
    const { run } = mutex({ leases: held, store, holdMs });
    expect((await run('k', async () => expect.unreachable())).ran).toBe(false);
    expect(await held.extend(lease, { holdMs })).toBeDefined();
  });

  it('two invocations of one environment are two holders, though they share a name', async () => {
    const { leases: held, store, clock } = leasing({ newId: () => 'environment' });
    const first = gained(await held.acquire('k', { holdMs }));
    expect((await held.acquire('k', { holdMs })).acquired).toBe(false);
    clock.nowMs += holdMs;
    const second = gained(await held.acquire('k', { holdMs }));
    const mayWrite = async (lease: Lease) =>
      (await store.commit({ token: crypto.randomUUID(), writes: [held.guard(lease)] })).applied;
    expect([await mayWrite(first), await mayWrite(second)]).toEqual([false, true]);
    expect(await held.release(first)).toBe(false);
    expect(await mayWrite(second)).toBe(true);
  });

  it('an item past its end that nobody deleted holds nobody back', async () => {
    const { leases: held, clock } = leasing();
    await held.acquire('k', { holdMs });
    clock.nowMs += 56 * 86_400_000;
    expect(gained(await held.acquire('k', { holdMs })).token).toBe(2);
  });
});

describe('waiting', () => {
  it('gets the lease when it is given back', async () => {
    const { leases: held, clock, slept } = leasing();
    const first = gained(await held.acquire('k', { holdMs: 60_000 }));
    const begunMs = clock.nowMs;
    const second = held.acquire('k', { holdMs, waitMs: 5_000 });
    await Promise.resolve();
    await held.release(first);
    expect(gained(await second).token).toBe(2);
    expect(clock.nowMs - begunMs).toBeLessThan(5_000);
    expect(slept.length).toBeLessThan(10);
  });

  it('ends after waitMs, with a last look', async () => {
    const { leases: held, clock, slept, calls } = leasing();
    await held.acquire('k', { holdMs: 60_000 });
    const begunMs = clock.nowMs;
    calls.length = 0;
    const answer = await held.acquire('k', { holdMs, waitMs: 3_000 });
    expect(answer).toEqual({ acquired: false, retryAfterMs: 57_000 });
    expect(clock.nowMs - begunMs).toBe(3_000);
    expect(calls).toEqual(Array.from({ length: slept.length + 1 }, () => 'read'));
  });

  it('ends at the deadline, and asks nothing after it', async () => {
    const { leases: held, clock } = leasing();
    await held.acquire('k', { holdMs: 60_000 });
    const within = deadline({ inMs: 200, now: () => clock.nowMs });
    const answer = await held.acquire('k', { holdMs, waitMs: 60_000, deadline: within });
    expect(answer.acquired).toBe(false);
    await expect(held.acquire('k', { holdMs, deadline: within })).rejects.toThrow(
      DeadlineExceededError,
    );
  });

  it('does not outlast the lease it waits for by more than a first pause', async () => {
    const { leases: held, clock } = leasing({ baseDelayMs: 50, maxDelayMs: 10_000 });
    await held.acquire('k', { holdMs: 4_000 });
    const begunMs = clock.nowMs;
    await held.acquire('k', { holdMs, waitMs: 60_000 });
    expect(clock.nowMs - begunMs).toBeLessThanOrEqual(4_050);
  });

  it('is jittered, grows, and never falls below half', async () => {
    for (const [random, expected] of [
      [0, [25, 50, 100, 200, 400, 500, 500]],
      [1, [50, 100, 200, 400, 800, 1_000, 1_000]],
    ] as const) {
      const { leases: held, slept } = leasing({ random: () => random });
      await held.acquire('k', { holdMs: 60_000 });
      await held.acquire('k', { holdMs, waitMs: 10_000 });
      expect(slept.slice(0, 7)).toEqual(expected);
    }
  });

  it('ends even on a clock that steps back', async () => {
    let nowMs = 1_000_000;
    const { leases: held, slept } = leasing({
      now: () => nowMs,
      async sleep(ms) {
        slept.push(ms);
        nowMs -= 500;
      },
    });
    await held.acquire('k', { holdMs: 60_000 });
    await held.acquire('k', { holdMs, waitMs: 1_000 });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
  });
});

describe('what is no lease', () => {
  it.each([
    { token: '1', owner: 'a', expiresAtMs: 0 },
    { token: 1, expiresAtMs: 0 },
    { token: 1, owner: 'a' },
    {},
  ])('is a fault, never a free lease: %j', async (item) => {
    const { leases: held, store } = leasing();
    await store.write({ put: item, at: leaseAddress('lease', 'k') });
    await expect(held.acquire('k', { holdMs })).rejects.toThrow(LeaseFaultError);
  });

  it('is a key whose item was deleted under a taker', async () => {
    const { leases: held, store, clock, faults } = leasing();
    await held.acquire('k', { holdMs });
    clock.nowMs += holdMs;
    faults.next = ({ verb }) => {
      if (verb === 'write') {
        faults.next = undefined as never;
        void store.write({ remove: true, at: leaseAddress('lease', 'k') });
      }
      return undefined;
    };
    await expect(held.acquire('k', { holdMs })).rejects.toThrow('would begin anew');
  });
});

describe('options', () => {
  const store = memoryStore();
  it.each([
    ['maxSends', 0],
    ['baseDelayMs', -1],
    ['maxDelayMs', Number.NaN],
  ])('%s is not %s', (name, value) => {
    expect(() => leases({ store, table: 'lease', [name]: value })).toThrow(
      new RangeError(`${name} must be a whole number from 1, got ${value}`),
    );
  });

  it.each([
    ['holdMs', { holdMs: 0 }],
    ['holdMs', { holdMs: 1.5 }],
    ['waitMs', { holdMs, waitMs: -1 }],
    ['waitMs', { holdMs, waitMs: Infinity }],
  ])('%s is not as in %j', async (name, options) => {
    const { acquire } = leases({ store, table: 'lease' });
    await expect(acquire('k', options)).rejects.toThrow(RangeError);
    await expect(acquire('k', options)).rejects.toThrow(name);
  });
});
