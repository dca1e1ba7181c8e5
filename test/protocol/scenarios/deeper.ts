/** More actors than can be tried in every order: for seeds. */
import type { Scenario } from '../scheduler/execute.ts';
import { bank, buy, supplier, transfer, withdraw } from './bank.ts';
import { compact, compactOfThree } from './compact.ts';
import { deferred, deferredOfThree } from './deferred.ts';
import { claimScenarios, lease, leaseScenarios, leaseScenariosOfThree, plainly } from './lease.ts';
import { leased, leasedOfThree } from './leased.ts';
import { eventOf, outbox, outboxes, outboxesOfThree } from './outbox.ts';
import { parking } from './parking.ts';
import { good, workerScenarios, workerScenariosOfTwo, workers } from './worker.ts';

/** At most so many faults strike in one run. */
export const deeperFaults = 5;

export const deeper: readonly Scenario[] = [
  ...deferred,
  ...deferredOfThree,
  bank({
    name: 'deferred, four clients, two keys, two accounts',
    balances: { a: 100, b: 100 },
    askings: [
      transfer('k1', ['a', 'b'], 100),
      transfer('k2', ['b', 'a'], 150, true),
      transfer('k1', ['a', 'b'], 100, true),
      transfer('k2', ['b', 'a'], 150),
    ],
    forbids: (sum) => sum !== 200,
  }),
  bank({
    name: 'deferred, three buyers of two pieces',
    balances: { a: 2 },
    askings: [buy('k1', 'a'), buy('k2', 'a'), buy('k1', 'a')],
    others: [supplier('a')],
    forbids: (sum) => sum < 0,
  }),
  bank({
    name: 'deferred, three keys and a second payload on one account',
    balances: { a: 100 },
    askings: [
      withdraw('k1', 'a', 40),
      withdraw('k2', 'a', 40),
      withdraw('k3', 'a', 40),
      withdraw('k3', 'a', 30),
    ],
    forbids: (sum) => sum < 0,
  }),
  ...compact,
  ...compactOfThree,
  ...leased,
  ...leasedOfThree,
  ...outboxes,
  ...outboxesOfThree,
  outbox({
    name: 'outbox, clients publish while relay and sweeper work',
    events: [eventOf(5), eventOf(6)],
    stored: false,
    actors: ['relay', 'sweeper', 'relay'],
    repeats: true,
  }),
  ...workerScenarios,
  ...workerScenariosOfTwo,
  parking,
  workers({
    name: 'worker, three workers, four events of two aggregates and poison',
    messages: [
      good('m2', 'a', 2),
      { id: 'p1', kind: 'poison', aggregate: 'p', seq: 1 },
      good('m1', 'a', 1),
      good('n1', 'b', 1),
      good('n2', 'b', 2),
    ],
    workers: 3,
  }),
  ...leaseScenarios,
  ...claimScenarios,
  ...leaseScenariosOfThree,
  lease('lease, five holders', plainly, 5),
];
