/** Unit of work, leased: payments that a provider outside is asked for. */
import type { Scenario } from '../scheduler/execute.ts';
import { bank } from './bank.ts';
import type { Asking } from './requests.ts';

/** Charges outside, then keeps that it did. The number differs from run to run, a replay's must not. */
const pay = (key: string, payload: string, { accepts = true, peek = false } = {}): Asking => ({
  key,
  payload,
  peek,
  outside: { accepts },
  async decide(_, effect, self) {
    const answer = { number: self.newId() };
    return { answer, writes: [effect(answer)] };
  },
});

const scenario = (name: string, askings: readonly Asking[]): Scenario =>
  bank({ name, balances: {}, askings, forbids: () => false });

export const leased: readonly Scenario[] = [
  ...[false, true].map((peek) =>
    scenario(`leased, a payment twice under one key${peek ? ', one of them peeking' : ''}`, [
      pay('k', 'one'),
      pay('k', 'one', { peek }),
    ]),
  ),
  scenario('leased, a payment that is declined, twice under one key', [
    pay('k', 'one', { accepts: false }),
    pay('k', 'one', { accepts: false }),
  ]),
  scenario('leased, two payloads under one key', [pay('k', 'one'), pay('k', 'two')]),
];

export const leasedOfThree: readonly Scenario[] = [
  scenario('leased, a payment three times under one key', [
    pay('k', 'one'),
    pay('k', 'one'),
    pay('k', 'one'),
  ]),
];
