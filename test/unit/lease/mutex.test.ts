import { describe, expect, it } from 'vitest';
import { advisoryLock } from '#shared/lease/advisory-lock.ts';
import { type HeartbeatPolicy, LeaseLostError } from '#shared/lease/heartbeat.ts';
import { type Guarded, type MutexOptions, mutex } from '#shared/lease/mutex.ts';
import type { Write } from '#shared/state/items.ts';
import { TransactionInvalidError } from '#shared/state/store.ts';
import { gained, inOrder, leasing } from './support.ts';

const holdMs = 900;
const write: Write = { put: { done: true }, at: { table: 'things', key: { pk: '1' } } };

/** Heartbeats come when the test says so; pauses between sends are none. */
function given(options: Partial<MutexOptions> = {}) {
  const world = leasing();
  const beats: { ms: number; due: () => void }[] = [];
  const sleep: HeartbeatPolicy['sleep'] = (ms, signal) =>
    ms < 300
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          beats.push({ ms, due: resolve });
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
  const parts = {
    leases: world.leases,
    holdMs,
    now: () => world.clock.nowMs,
    sleep,
    listen: (event: (typeof world.events)[number]) => world.events.push(event),
  };
  /** The time between two beats passes, and what follows from it. */
  async function beat(): Promise<void> {
    world.clock.nowMs += 300;
    beats.shift()?.due();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { run } = mutex({ ...parts, store: world.store, random: () => 0, ...options });
  return { ...world, run, beat, beats, lock: advisoryLock(parts) };
}

/** Another holder takes the key over, as if this one had frozen. */
async function takenOver({ clock, leases: held }: ReturnType<typeof leasing>): Promise<void> {
  clock.nowMs += holdMs;
  gained(await held.acquire('k', { holdMs }));
}

describe('the mutex', () => {
  it('runs its work, writes with the guard, and gives the key back', async () => {
    const { run, store } = given();
    const ran = await run('k', async ({ commit, lease }) => {
      expect(await commit([write])).toEqual({ applied: true });
      return lease.token;
    });
    expect(ran).toEqual({ ran: true, result: 1 });
    expect(store.items('things')).toHaveLength(1);
    expect(store.items('lease')).toMatchObject([{ owner: null, token: 1 }]);
  });

  it('runs nothing while another holds the key, and says how long that may be', async () => {
    const { run, leases: held } = given();
    await held.acquire('k', { holdMs });
    const work = async () => expect.unreachable();
    expect(await run('k', work)).toEqual({ ran: false, retryAfterMs: holdMs });
  });

  it('gives the key back when its work throws, and throws the same', async () => {
    const { run, store } = given();
    const work = async () => Promise.reject(new Error('of the work'));
    await expect(run('k', work)).rejects.toThrow('of the work');
    expect(store.items('lease')).toMatchObject([{ owner: null }]);
  });

  it('lets a frozen holder write nothing after it was taken over, and leaves the new one alone', async () => {
    const world = given();
    const asleep = world.run('k', async ({ commit }) => {
      await takenOver(world);
      await commit([write]);
    });
    await expect(asleep).rejects.toThrow(LeaseLostError);
    expect(world.store.items('things')).toEqual([]);
    expect(world.store.items('lease')).toMatchObject([{ owner: 'holder-2', token: 2 }]);
  });

  it('holds its key for as long as the work takes', async () => {
    const { run, beat, clock, leases: held } = given();
    await run('k', async ({ commit }) => {
      for (let nth = 0; nth < 10; nth++) await beat();
      expect(await held.acquire('k', { holdMs })).toEqual({
        acquired: false,
        retryAfterMs: holdMs,
      });
      expect(await commit([write])).toEqual({ applied: true });
    });
    expect(clock.nowMs).toBe(1_003_000);
  });

  it('tells its work when it is taken over, and takes no more writes from it', async () => {
    const world = given();
    const ran = world.run('k', async ({ signal, commit }) => {
      await takenOver(world);
      await world.beat();
      expect(signal.reason).toBeInstanceOf(LeaseLostError);
      world.calls.length = 0;
      await commit([write]);
    });
    await expect(ran).rejects.toThrow(LeaseLostError);
    expect(world.calls).toEqual([]);
  });

  it('goes on through a beat that fails, and gives up when none has come through in time', async () => {
    const { run, beat, faults, events } = given();
    await run('k', async ({ signal }) => {
      faults.next = ({ verb }) => (verb === 'write' ? new Error('down') : undefined);
      await beat();
      expect(signal.aborted).toBe(false);
      await beat();
      await beat();
      expect(signal.reason).toBeInstanceOf(LeaseLostError);
    });
    expect(events.filter(({ happened }) => happened === 'extend-failed').length).toBeGreaterThan(1);
  });

  it('ends well when the key cannot be given back: it lapses', async () => {
    const { run, faults, events } = given();
    const ran = await run('k', async () => {
      faults.next = ({ verb }) => (verb === 'write' ? new Error('down') : undefined);
    });
    expect(ran.ran).toBe(true);
    expect(events.map(({ happened }) => happened)).toContain('release-failed');
  });

  it('leaves no heart beating behind', async () => {
    const { run, beats, calls, beat } = given();
    await run('k', async () => {});
    calls.length = 0;
    expect(beats).toHaveLength(1);
    await beat();
    expect(calls).toEqual([]);
  });
});

describe('a commit of the mutex', () => {
  const committing = async (
    work: (held: Guarded, world: ReturnType<typeof given>) => Promise<unknown>,
  ) => {
    const world = given();
    await world.run('k', (held) => work(held, world));
  };

  it('is done once when its answer is lost', () =>
    committing(async ({ commit }, { store, faults }) => {
      faults.next = inOrder('commit', 'lose-answer');
      const add: Write = { add: { n: 1 }, at: { table: 'things', key: { pk: '1' } } };
      expect(await commit([add])).toEqual({ applied: true });
      expect(store.items('things')).toMatchObject([{ n: 1 }]);
    }));

  it('goes on after it met another transaction, as the heartbeat’s', () =>
    committing(async ({ commit }, { faults }) => {
      faults.next = inOrder('commit', 'conflict', 'throttle');
      expect(await commit([write])).toEqual({ applied: true });
    }));

  it('answers with the refusals of its writes alone', () =>
    committing(async ({ commit }) => {
      const refused = { ...write, when: { where: {} } } as Write;
      expect(await commit([refused])).toEqual({
        applied: false,
        refusals: [{ because: 'condition' }],
      });
    }));

  it('does not refuse what an unanswered send may still do', () =>
    committing(async ({ commit }, { faults }) => {
      faults.next = inOrder('commit', 'lose-request');
      await expect(commit([{ ...write, when: { where: {} } } as Write])).rejects.toThrow('lost');
    }));

  it('throws at once what can never succeed', () =>
    committing(async ({ commit }, { calls }) => {
      await expect(commit([write, write])).rejects.toThrow(TransactionInvalidError);
      expect(calls.filter((verb) => verb === 'commit')).toHaveLength(1);
    }));

  it('throws what the store throws when no send is answered', () =>
    committing(async ({ commit }, { faults, calls }) => {
      faults.next = ({ verb }) => (verb === 'commit' ? new Error('down') : undefined);
      await expect(commit([write])).rejects.toThrow('down');
      expect(calls.filter((verb) => verb === 'commit')).toHaveLength(4);
    }));
});

describe('the advisory lock', () => {
  it('gives its work a token for recipients that compare it, and a signal', async () => {
    const world = given();
    const seen: unknown[] = [];
    for (let nth = 0; nth < 2; nth++)
      await world.lock.run('k', async ({ lease, signal }) => {
        seen.push(lease.token, signal.aborted);
      });
    expect(seen).toEqual([1, false, 2, false]);
  });

  it('does not stop work that does not look at its signal: it is advisory', async () => {
    const world = given();
    const ran = await world.lock.run('k', async ({ signal }) => {
      await takenOver(world);
      await world.beat();
      return signal.aborted;
    });
    expect(ran).toEqual({ ran: true, result: true });
  });
});

describe('options', () => {
  const { leases: held, store } = leasing();
  it.each([
    ['holdMs', { holdMs: 0 }],
    ['holdMs', { holdMs: 1.5 }],
    ['beatEveryMs', { holdMs: 2 }],
    ['beatEveryMs', { holdMs, beatEveryMs: holdMs }],
    ['beatEveryMs', { holdMs, beatEveryMs: 0 }],
    ['waitMs', { holdMs, waitMs: -1 }],
    ['maxSends', { holdMs, maxSends: 0 }],
    ['baseDelayMs', { holdMs, baseDelayMs: Number.NaN }],
  ])('%s is not as in %j', (name, options) => {
    const build = () => mutex({ leases: held, store, ...options });
    expect(build).toThrow(RangeError);
    expect(build).toThrow(name);
  });
});

it('does not call a commit invalid that an earlier send may have carried out', async () => {
  const { run, faults, store } = given({ maxSends: 2 });
  faults.next = inOrder('commit', 'lose-answer', new TransactionInvalidError('the token is gone'));
  const committing = run('k', ({ commit }) => commit([write]));
  await expect(committing).rejects.toThrow('the answer to commit was lost');
  expect(store.items('things')).toHaveLength(1);
});
