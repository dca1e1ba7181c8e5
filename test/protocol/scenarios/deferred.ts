/** Unit of work, deferred: withdrawals, transfers and creates. */
import type { Scenario } from '../scheduler/execute.ts';
import { bank, buy, supplier, transfer, withdraw, withdrawFromBoth } from './bank.ts';
import type { Asking } from './requests.ts';

/** Creates something new under an id of the run, so that a second one would show. */
export const create = (key: string, payload: string, peek = false): Asking => ({
  key,
  payload,
  peek,
  async decide(_, effect, self) {
    const id = self.newId();
    return { answer: { id }, writes: [effect({ id })] };
  },
});

const peeks = [false, true];
const word = (peek: boolean) => (peek ? ', peeking' : '');

export const deferred: readonly Scenario[] = [
  ...peeks.map((peek) =>
    bank({
      name: `deferred, all the money twice under one key${word(peek)}`,
      balances: { a: 100 },
      askings: [withdraw('k', 'a', 100, peek), withdraw('k', 'a', 100, peek)],
      forbids: (sum, done) => sum !== 100 - 100 * done,
    }),
  ),
  ...peeks.map((peek) =>
    bank({
      name: `deferred, a transfer twice under one key${word(peek)}`,
      balances: { a: 100, b: 0 },
      askings: [transfer('k', ['a', 'b'], 100, peek), transfer('k', ['a', 'b'], 100, peek)],
      forbids: (sum) => sum !== 100,
    }),
  ),
  ...peeks.map((peek) =>
    bank({
      name: `deferred, a create twice under one key${word(peek)}`,
      balances: {},
      askings: [create('k', 'one', peek), create('k', 'one', peek)],
      forbids: () => false,
    }),
  ),
  bank({
    name: 'deferred, two payloads under one key',
    balances: { a: 100 },
    askings: [withdraw('k', 'a', 30), withdraw('k', 'a', 40)],
    forbids: (sum) => ![100, 70, 60].includes(sum),
  }),
  bank({
    name: 'deferred, two keys on one account',
    balances: { a: 100 },
    askings: [withdraw('k1', 'a', 60), withdraw('k2', 'a', 60)],
    forbids: (sum) => ![100, 40].includes(sum),
  }),
  bank({
    name: 'deferred, two transfers that cross',
    balances: { a: 100, b: 100 },
    askings: [transfer('k1', ['a', 'b'], 30), transfer('k2', ['b', 'a'], 50)],
    forbids: (sum) => sum !== 200,
  }),
  bank({
    name: 'deferred, two keys that each count on the other account',
    balances: { a: 50, b: 50 },
    askings: [withdrawFromBoth('k1', 'a', 'b', 60), withdrawFromBoth('k2', 'b', 'a', 60)],
    forbids: (sum) => sum < 0,
  }),
  bank({
    name: 'deferred, the last piece while stock comes and goes',
    balances: { a: 1 },
    askings: [buy('k', 'a')],
    others: [supplier('a')],
    forbids: (sum) => sum < 0,
  }),
  bank({
    name: 'deferred, a key used again when its record has lapsed',
    balances: { a: 100 },
    askings: [withdraw('k', 'a', 100)],
    forbids: (sum, done) => sum !== 100 - 100 * done,
    lapsed: true,
  }),
  bank({
    name: 'deferred, a key used again twice when its record has lapsed, peeking',
    balances: { a: 100 },
    askings: [withdraw('k', 'a', 100, true), withdraw('k', 'a', 100, true)],
    forbids: (sum, done) => sum !== 100 - 100 * done,
    lapsed: true,
  }),
];

export const deferredOfThree: readonly Scenario[] = [
  bank({
    name: 'deferred, one key twice and another key on the same account',
    balances: { a: 100 },
    askings: [withdraw('k1', 'a', 60), withdraw('k1', 'a', 60), withdraw('k2', 'a', 60)],
    forbids: (sum, done) => sum !== 100 - 60 * done || sum < 0,
  }),
  bank({
    name: 'deferred, a transfer three times under one key',
    balances: { a: 100, b: 0 },
    askings: ['A', 'B', 'C'].map(() => transfer('k', ['a', 'b'], 100)),
    forbids: (sum) => sum !== 100,
  }),
];
