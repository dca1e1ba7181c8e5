/** Unit of work, compact: the entity that a request makes carries its record. */
import type { Scenario } from '../scheduler/execute.ts';
import { bank } from './bank.ts';
import { type Asking, domain } from './requests.ts';

/** Creates the entity whose id derives from the key, with its event. */
export const createCompact = (key: string, payload: string, peek = false): Asking => ({
  key,
  payload,
  peek,
  entityAt: domain(`order/${key}`),
  async decide(_, effect, self) {
    // Not the same for two runs, so that a replay must come from the record.
    const answer = { number: self.newId() };
    return {
      answer,
      writes: [
        { ...effect(answer), at: domain(`order/${key}`) },
        { put: { kind: 'event', of: key }, at: domain(`event/${self.newId()}`) },
      ],
    };
  },
});

/** Changes what is there under a condition of its own, as a later request would. */
const change = (key: string, of: string): Asking => ({
  key,
  payload: `change ${of}`,
  async decide({ read }, effect) {
    const order = await read(domain(`order/${of}`));
    if (!order) return { refused: 'not there yet' };
    const version = Number(order['version']) + 1;
    return {
      answer: { version },
      writes: [
        { set: { status: 'changed', version }, at: domain(`order/${of}`) },
        effect({ version }),
      ],
    };
  },
});

const scenario = (name: string, askings: readonly Asking[]): Scenario =>
  bank({ name, balances: {}, askings, forbids: () => false });

export const compact: readonly Scenario[] = [
  ...[false, true].map((peek) =>
    scenario(`compact, a create twice under one key${peek ? ', peeking' : ''}`, [
      createCompact('k', 'one', peek),
      createCompact('k', 'one', peek),
    ]),
  ),
  scenario('compact, two payloads under one key', [
    createCompact('k', 'one'),
    createCompact('k', 'two'),
  ]),
];

export const compactOfThree: readonly Scenario[] = [
  scenario('compact, a create twice under one key while what it makes is changed', [
    createCompact('k', 'one'),
    createCompact('k', 'one'),
    change('c', 'k'),
  ]),
];
