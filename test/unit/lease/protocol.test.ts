/** Every order of the steps of two holders, with a fault at any of them: no write by one who was taken over. */
import { describe, expect, it } from 'vitest';
import { type Leases, type LeasesOptions, leases } from '#shared/lease/lease.ts';
import { leaseAddress } from '#shared/lease/lease-item.ts';
import { mutex } from '#shared/lease/mutex.ts';
import type { Write } from '#shared/state/items.ts';
import { type Explored, explore, type Fault, type Hands, holdMs, key } from './small-world.ts';

const everyFault: readonly Fault[] = ['late-request', 'lose-answer', 'conflict'];

interface Variant {
  readonly jumps?: number;
  readonly faults?: readonly Fault[];
  readonly depth?: number;
  readonly preemptions?: number;
  readonly commits?: number;
  /** Sends of one transaction. */
  readonly maxSends?: number;
  /** Extensions that a heartbeat makes. */
  readonly beats?: number;
  /** Owners of all holders; by default each has its own. */
  readonly owner?: string;
  /** Puts a mutant in the place of the real thing. */
  readonly mutate?: (leases: Leases, options: LeasesOptions) => Leases;
}

const resolved = async () => {};

function holder({ commits = 2, maxSends = 4, beats = 0, owner, mutate = (real) => real }: Variant) {
  return async ({ name, store, now, turn }: Hands) => {
    let made = 0;
    const newId = () => `${name}${++made}`;
    const options: LeasesOptions = {
      store,
      table: 'lease',
      now,
      newId: owner === undefined ? newId : () => owner,
      random: () => 0.5,
      sleep: resolved,
    };
    const held = mutate(leases(options), options);
    let beatsLeft = beats;
    const { run } = mutex({
      leases: held,
      store,
      holdMs,
      now,
      newId,
      baseDelayMs: 1,
      maxSends,
      random: () => 0.5,
      async sleep(ms, signal) {
        if (ms < holdMs / 4) return; // a pause between two sends
        if (beatsLeft-- > 0) return Promise.race([turn('beats'), aborted(signal)]);
        return aborted(signal);
      },
    });
    await run(key, async ({ lease, commit }) => {
      for (let nth = 1; nth <= commits; nth++) {
        const at = { table: 'things', key: { pk: `${name}${nth}` } };
        await commit([{ put: { token: lease.token }, at }]);
      }
    });
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const playedBy = (names: readonly string[], variant: Variant): Promise<Explored> =>
  explore({
    actors: Object.fromEntries(names.map((name) => [name, holder(variant)])),
    jumps: variant.jumps ?? 1,
    faults: variant.faults ?? [],
    depth: variant.depth ?? 1,
    preemptions: variant.preemptions ?? Infinity,
  });

const guardedBy =
  (condition: (lease: { owner: string; token: number }) => Record<string, object>) =>
  (real: Leases): Leases => ({
    ...real,
    guard: (lease) =>
      ({ check: { where: condition(lease) }, at: leaseAddress('lease', lease.key) }) as Write,
  });

describe('the mutex, in every order of steps', () => {
  // biome-ignore format: a table, one exploration a row
  it.each<[string, readonly string[], Variant, number]>([
    ['two holders, one fault at any step',             ['a', 'b'],      { faults: everyFault, commits: 1 },  30_000],
    ['two holders that give up after one send',        ['a', 'b'],      { faults: everyFault, commits: 1, maxSends: 1 }, 25_000],
    ['two holders, two lapses',                        ['a', 'b'],      { jumps: 2 },                        8_000],
    ['two holders that extend',                        ['a', 'b'],      { beats: 1, commits: 1 },            20_000],
    ['three holders',                                  ['a', 'b', 'c'], { commits: 1, preemptions: 3 },      7_000],
    ['two holders that call themselves alike',         ['a', 'b'],      { owner: 'environment', jumps: 2 },  8_000],
  ])('%s: nobody writes who was taken over', { timeout: 60_000 }, async (_, names, variant, atLeast) => {
    const { runs, wrong } = await playedBy(names, variant);
    expect(wrong).toBeUndefined();
    expect(runs).toBeGreaterThan(atLeast);
  });
});

describe('the exploration convicts', () => {
  it('a transaction without the guard', async () => {
    const mutate = guardedBy(() => ({}));
    expect((await playedBy(['a', 'b'], { mutate })).wrong).toMatch(/wrote under token 1/);
  });

  it('a guard without the token, where owners are not told apart', async () => {
    const mutate = guardedBy(({ owner }) => ({ owner: { equals: owner } }));
    const { wrong } = await playedBy(['a', 'b'], { mutate, owner: 'environment' });
    expect(wrong).toMatch(/wrote under token 1, the lease had 2/);
  });

  it('a guard without the owner, which a release takes away', async () => {
    const mutate = guardedBy(({ token }) => ({ token: { equals: token } }));
    const { wrong } = await playedBy(['a', 'b'], {
      mutate,
      commits: 1,
      maxSends: 1,
      faults: ['late-request'],
    });
    expect(wrong).toMatch(/wrote after it had released/);
  });

  it('a release that deletes the item, and the token with it', async () => {
    const mutate = (real: Leases, { store }: LeasesOptions): Leases => ({
      ...real,
      async release(lease) {
        const at = leaseAddress('lease', lease.key);
        const when = { where: { token: { equals: lease.token } } } as const;
        return (await store.write({ remove: true, at, when })).applied;
      },
    });
    const { wrong } = await playedBy(['a', 'b'], { mutate });
    expect(wrong).toMatch(/the token went from 1 to 0/);
  });
});
