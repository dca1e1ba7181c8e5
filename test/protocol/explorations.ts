/** What is explored, and how far. */
import { compact, compactOfThree } from './scenarios/compact.ts';
import { deferred, deferredOfThree } from './scenarios/deferred.ts';
import { claimScenarios, leaseScenarios, leaseScenariosOfThree } from './scenarios/lease.ts';
import { leased, leasedOfThree } from './scenarios/leased.ts';
import {
  leasedTokenScenarios,
  limiterScenarios,
  limiterScenariosByState,
  limiterScenariosOfOneMemory,
  limiterScenariosOfThree,
} from './scenarios/limiter.ts';
import { outboxes, outboxesOfThree } from './scenarios/outbox.ts';
import { parking } from './scenarios/parking.ts';
import { rotations } from './scenarios/rotation.ts';
import { workerScenarios, workerScenariosOfTwo } from './scenarios/worker.ts';
import type { Scenario } from './scheduler/execute.ts';
import { type Explored, explore } from './scheduler/explore.ts';
import * as subject from './subject.ts';

export interface Exploration {
  readonly scenario: Scenario;
  readonly faults: number;
  /** Whether a state that was seen is left alone; else every order is run. */
  readonly states: boolean;
}

const each = (
  scenarios: readonly Scenario[],
  faults: number,
  how: 'every order' | 'every state',
): readonly Exploration[] =>
  scenarios.map((scenario) => ({ scenario, faults, states: how === 'every state' }));

/** By protocol: a test file for each. */
export const explorations = {
  deferred: [
    ...each(deferred, 1, 'every order'),
    ...each(deferred.slice(0, 1), 2, 'every state'),
    ...each(deferredOfThree, 1, 'every state'),
  ],
  compact: [
    ...each(compact, 1, 'every order'),
    ...each(compact.slice(0, 1), 2, 'every state'),
    ...each(compactOfThree, 1, 'every state'),
  ],
  leased: [...each(leased, 1, 'every state'), ...each(leasedOfThree, 0, 'every state')],
  outbox: [...each(outboxes, 1, 'every state'), ...each(outboxesOfThree, 0, 'every state')],
  worker: [
    ...each(workerScenarios, 1, 'every state'),
    ...each(workerScenariosOfTwo, 0, 'every state'),
    ...each([parking], 2, 'every state'),
  ],
  lease: [
    ...each(leaseScenarios, 1, 'every state'),
    ...each(claimScenarios, 0, 'every state'),
    ...each(leaseScenariosOfThree, 0, 'every state'),
  ],
  limiter: [
    ...each(limiterScenarios, 1, 'every order'),
    ...each(limiterScenarios, 2, 'every state'),
    ...each(limiterScenariosByState, 1, 'every state'),
    ...each(limiterScenariosOfOneMemory, 1, 'every state'),
    ...each(leasedTokenScenarios, 1, 'every state'),
    ...each(limiterScenariosOfThree, 1, 'every state'),
  ],
  rotation: each(rotations, 1, 'every state'),
} as const satisfies Readonly<Record<string, readonly Exploration[]>>;

export const run = ({ scenario, faults, states }: Exploration): Promise<Explored> =>
  explore(scenario, { subject, faults, states });

/** One line of what was done. */
export const lineOf = ({ scenario, faults, states }: Exploration, explored: Explored): string => {
  const struck = faults === 0 ? 'no fault' : faults === 1 ? 'one fault' : `${faults} faults`;
  const joined = states ? `, ${explored.pruned} joined a state seen before` : '';
  return `${scenario.name} (${struck}): ${explored.schedules} schedules${joined}`;
};

export const nameOf = ({ scenario, faults }: Exploration): string =>
  `${scenario.name}, with up to ${faults} faults`;
