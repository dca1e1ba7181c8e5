/** A desk that takes payments: a provider outside, an account inside, a clock and faults of the test. */
import { deadline } from '#shared/deadline/deadline.ts';
import { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import type { Effected, LeasedWork, Outside } from '#shared/idempotency/leased-work.ts';
import type { Address } from '#shared/state/items.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';

export const hourMs = 3_600_000;
export const holdMs = 10_000;
export const accountAt: Address = { table: 'domain', key: { pk: 'account' } };
export const recordAt: Address = { table: 'state', key: { pk: 'idem#k' } };

type Work = LeasedWork<{ charge: string }, { charge: string; paid: number }, string>;
type Store = TransactionStore & ItemWriter;

export interface DeskOptions {
  readonly faults?: (call: StoreCall, nth: number) => Fault | undefined;
}

export function payDesk({ faults = () => undefined }: DeskOptions = {}) {
  const clock = { nowMs: 1_000_000 };
  const counts: Record<string, number> = {};
  const store = memoryStore({
    now: () => clock.nowMs,
    faults(call) {
      counts[call.verb] = (counts[call.verb] ?? 0) + 1;
      return faults(call, counts[call.verb] ?? 0);
    },
  });
  /** Honours keys: what it did, and how often it was asked for it. */
  const charges = new Map<string, { readonly charge: string; asked: number }>();
  const happened: string[] = [];
  let ids = 0;

  function charge({ key }: Pick<Outside, 'key'>): Effected<{ charge: string }, string> {
    const done = charges.get(key) ?? { charge: `charge-${charges.size + 1}`, asked: 0 };
    charges.set(key, { ...done, asked: done.asked + 1 });
    return { done: { charge: done.charge } };
  }

  const work = (effect: Work['effect'] = async (outside) => charge(outside)): Work => ({
    effect,
    async decide(done, { read }) {
      const account = await read(accountAt);
      const paid = Number(account?.['paid'] ?? 0) + 30;
      const write = account
        ? { set: { paid }, add: { version: 1 } }
        : { put: { paid, version: 1 } };
      return {
        answer: { ...done, paid },
        writes: [
          { ...write, at: accountAt },
          { put: { ...done }, at: { table: 'outbox', key: { pk: `event-${++ids}` } } },
        ],
      };
    },
  });

  const request = (parts: object = {}) => ({
    key: 'k',
    fingerprint: 'f',
    retainMs: hourMs,
    holdMs,
    deadline: deadline({ inMs: 60_000 }),
    subject: 'pay',
    ...parts,
  });

  const unit = (through: Store = store, options: object = {}) =>
    leasedUnitOfWork({
      store: through,
      recordsTable: 'state',
      now: () => clock.nowMs,
      newId: () => `owner-${++ids}`,
      random: () => 0,
      sleep: async () => {},
      listen: (event) => happened.push(event.happened),
      ...options,
    });

  return {
    clock,
    store,
    charges,
    charge,
    happened,
    counts,
    work,
    request,
    unit,
    pay: (effect?: Work['effect'], parts: object = {}, through: Store = store) =>
      unit(through).run(request(parts), work(effect)),
    record: () => store.items('state')[0],
    events: () => store.items('outbox').length,
    paid: () => store.items('domain')[0]?.['paid'],
  };
}

/** The store through a gate: whoever goes through waits where the test says. */
export const gated = (store: Store, pass: (step: string) => Promise<void>): Store => {
  const counts: Record<string, number> = {};
  const through = async <T>(verb: string, call: () => Promise<T>): Promise<T> => {
    const nth = (counts[verb] ?? 0) + 1;
    counts[verb] = nth;
    await pass(`before ${verb} ${nth}`);
    const answer = await call();
    await pass(`after ${verb} ${nth}`);
    return answer;
  };
  return {
    read: (at, options) => through('read', () => store.read(at, options)),
    write: (write) => through('write', () => store.write(write)),
    commit: (transaction) => through('commit', () => store.commit(transaction)),
  };
};

/** Stops whoever reaches a step until it is told to go on. */
export function freezer(frozenAt: string) {
  const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
  const pass = async (step: string): Promise<void> => {
    if (step !== frozenAt) return;
    arrive();
    await woken;
  };
  return { pass, reached, wake };
}
