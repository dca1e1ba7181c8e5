/** What is asked of the service at each priority: as its route's row says, and as the demo data allow. */
import type { Asked } from '../support/ask.ts';

export const priorities = ['CRITICAL', 'HIGH', 'NORMAL', 'LOW'] as const;
export type Priority = (typeof priorities)[number];

export interface Work {
  readonly asked: Asked;
  /** The status that says that it was done. */
  readonly done: number;
}

const account = (nth: number): string =>
  `0197a000-0000-7000-8000-00000000b${String(nth).padStart(3, '0')}`;
const crowdPoll = '0197a000-0000-7000-8000-00000000c0ff';
const demoOrder = '0197a000-0000-7000-8000-000000000001';

const read = (route: string, path: string): Work => ({
  asked: { route, method: 'GET', path },
  done: 200,
});

export const newOrder = (key: string): Work => ({
  asked: {
    route: 'create-order',
    method: 'POST',
    path: '/orders',
    body: { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Load Street' },
    headers: { 'idempotency-key': key },
  },
  done: 201,
});

/** From one account of ten to another. */
function transfer(key: string, random: () => number): Work {
  const from = Math.floor(random() * 10);
  const to = (from + 1 + Math.floor(random() * 9)) % 10;
  return {
    asked: {
      route: 'create-transfer',
      method: 'POST',
      path: '/transfers',
      body: {
        fromAccountId: account(1 + from),
        toAccountId: account(1 + to),
        amountMinor: 1,
        currency: 'EUR',
      },
      headers: { 'idempotency-key': key },
    },
    done: 201,
  };
}

const vote = (key: string, random: () => number): Work => ({
  asked: {
    route: 'cast-vote',
    method: 'PUT',
    path: `/polls/${crowdPoll}/vote`,
    body: { option: random() < 0.5 ? 'tea' : 'coffee' },
    headers: { 'idempotency-key': key },
  },
  done: 200,
});

interface Turn {
  /** Never used before. */
  readonly key: string;
  /** Of two kinds, one or the other. */
  readonly isFirstKind: boolean;
  readonly random: () => number;
}

export const works: Readonly<Record<Priority, (turn: Turn) => Work>> = {
  CRITICAL: ({ key, random }) => transfer(key, random),
  HIGH: ({ isFirstKind }) =>
    isFirstKind
      ? read('get-order', `/orders/${demoOrder}`)
      : read('get-account', `/accounts/${account(1)}`),
  NORMAL: ({ key }) => newOrder(key),
  LOW: ({ key, isFirstKind, random }) =>
    isFirstKind ? read('get-poll', `/polls/${crowdPoll}`) : vote(key, random),
};
