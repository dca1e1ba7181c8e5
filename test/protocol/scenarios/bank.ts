/** Use cases over accounts, each with what must hold of the accounts at every moment. */
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Stage } from '../scheduler/stage.ts';
import { type Asking, domain, hourMs, requests } from './requests.ts';

export interface Bank {
  readonly name: string;
  readonly balances: Readonly<Record<string, number>>;
  readonly askings: readonly Asking[];
  /** The sum of all balances: what it may never be. */
  readonly forbids: (sum: number, done: number) => boolean;
  /** Whether each asking was carried out long ago, and the record of it has lapsed. */
  readonly lapsed?: boolean;
  /** Who changes accounts otherwise. */
  readonly others?: readonly ActorSpec[];
}

/** Further than any request waits, and less than a record is kept. */
const frozenMs = 60_000;

/** One client for each asking. */
export const bank = ({
  name,
  balances,
  askings,
  forbids,
  lapsed = false,
  others = [],
}: Bank): Scenario => ({
  name,
  frozenMs,
  async start(stage) {
    for (const [id, balance] of Object.entries(balances))
      await stage.store.write({ put: { balance, version: 1 }, at: domain(id) });
    if (lapsed) for (const asking of askings) await leaveLapsedRecord(stage, asking);
    const desk = requests(stage);
    const sum = () =>
      Object.keys(balances)
        .map((id) => stage.store.items('domain').find(({ pk }) => pk === id))
        .reduce((total, item) => total + Number(item?.['balance'] ?? 0), 0);
    return {
      actors: [
        ...askings.map((asking, nth) => desk.client(String.fromCharCode(65 + nth), asking)),
        ...others,
      ],
      epilogue: desk.epilogue(askings),
      afterStep(by) {
        const violations = desk.afterStep(by);
        const done = desk.effects().length;
        return forbids(sum(), done)
          ? [
              ...violations,
              {
                never: 'accounts in a state that no order gives',
                because: `they hold ${sum()} after ${done} effects`,
              },
            ]
          : violations;
      },
      audit: desk.audit,
      state: desk.state,
    };
  },
});

async function leaveLapsedRecord({ store, clock }: Stage, { key, payload }: Asking): Promise<void> {
  const record = { fingerprint: `${key} ${payload}`, owner: 'earlier', answer: '{}' };
  await store.write({
    put: { ...record, expiresAtMs: clock.nowMs - hourMs, ttl: 0 },
    at: { table: 'state', key: { pk: `idem#${key}` } },
  });
}

/** Takes money from an account, or refuses. */
export const withdraw = (key: string, from: string, amount: number, peek = false): Asking => ({
  key,
  payload: `${amount} from ${from}`,
  peek,
  async decide({ read }, effect) {
    const account = await read(domain(from));
    const left = Number(account?.['balance']) - amount;
    if (left < 0) return { refused: 'insufficient funds' };
    return {
      answer: { left },
      writes: [{ set: { balance: left }, add: { version: 1 }, at: domain(from) }, effect({ left })],
    };
  },
});

/** Moves money between two accounts, or refuses. */
export const transfer = (
  key: string,
  [from, to]: readonly [string, string],
  amount: number,
  peek = false,
): Asking => ({
  key,
  payload: `${amount} from ${from} to ${to}`,
  peek,
  async decide({ read }, effect) {
    const [source, target] = [await read(domain(from)), await read(domain(to))];
    const left = Number(source?.['balance']) - amount;
    if (left < 0) return { refused: 'insufficient funds' };
    const got = Number(target?.['balance']) + amount;
    return {
      answer: { left, got },
      writes: [
        { set: { balance: left }, add: { version: 1 }, at: domain(from) },
        { set: { balance: got }, add: { version: 1 }, at: domain(to) },
        effect({ left, got }),
      ],
    };
  },
});

/** Takes from one account as long as both together have it: what write skew breaks. */
export const withdrawFromBoth = (
  key: string,
  from: string,
  other: string,
  amount: number,
): Asking => ({
  key,
  payload: `${amount} from ${from}, ${other} standing in`,
  async decide({ read }, effect) {
    const [own, second] = [await read(domain(from)), await read(domain(other))];
    if (Number(own?.['balance']) + Number(second?.['balance']) < amount)
      return { refused: 'insufficient funds' };
    const left = Number(own?.['balance']) - amount;
    return {
      answer: { left },
      writes: [{ set: { balance: left }, add: { version: 1 }, at: domain(from) }, effect({ left })],
    };
  },
});

/** Takes one piece of a stock that others move too: conditioned on what is left, not on a version. */
export const buy = (key: string, from: string): Asking => ({
  key,
  payload: `one of ${from}`,
  async decide({ look }, effect) {
    const stock = await look(domain(from));
    if (Number(stock?.['balance']) < 1) return { refused: 'out of stock' };
    return {
      answer: { bought: from },
      writes: [
        { add: { balance: -1 }, at: domain(from), when: { where: { balance: { atLeast: 1 } } } },
        effect({ bought: from }),
      ],
    };
  },
});

/** Takes the stock away, and brings new. */
export const supplier = (of: string): ActorSpec => ({
  name: 'S',
  async act({ store }) {
    const move = (by: number, atLeast: number) =>
      store
        .write({
          add: { balance: by },
          at: domain(of),
          when: { where: { balance: { atLeast } } },
        })
        .catch(() => {});
    await move(-1, 1);
    await move(1, 0);
  },
});
