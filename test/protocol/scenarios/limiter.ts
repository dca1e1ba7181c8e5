/** Rate limits: what callers of one bucket do, and where it stands when they come. */
import type { Scenario } from '../scheduler/execute.ts';
import { type Between, type Deed, type Environment, type Limited, limited } from './limited.ts';

const take = (cost: number): Deed => ({ take: cost });
const giveBack = (cost: number, between: Between = {}): Deed => ({ take: cost, giveBack: between });
const pass = (passMs: number): Deed => ({ passMs });
const sweep: Deed = { sweep: true };

/** Where a bucket of two tokens may stand when two callers come. */
const beginnings: readonly (readonly [string, Partial<Limited>])[] = [
  ['that nobody has used', {}],
  ['in use', { before: { take: 1, agoMs: 500 } }],
  ['nearly empty', { before: { take: 2, agoMs: 500 } }],
  ['that has lapsed and still stands', { before: { take: 2, agoMs: 2_500 } }],
];

const pair = (first: readonly Deed[], second: readonly Deed[]): readonly Environment[] => [
  { name: 'A', does: first },
  { name: 'B', does: second },
];

const time = (...does: readonly Deed[]): Environment => ({ name: 'time', does });

/** Two callers. */
export const limiterScenarios: readonly Scenario[] = [
  ...beginnings.map(([which, beginning]) =>
    limited({
      name: `limiter, two callers of a bucket ${which}`,
      ...beginning,
      environments: pair([take(2), pass(800), take(1)], [take(1), take(1)]),
    }),
  ),
  limited({
    name: 'limiter, a dear call and cheap ones beside it',
    capacity: 3,
    before: { take: 2, agoMs: 500 },
    environments: pair([take(3), take(1)], [take(1), take(2)]),
  }),
  limited({
    name: 'limiter, tokens given back at once beside another caller',
    environments: pair([giveBack(2), take(1)], [take(1), take(2)]),
  }),
  limited({
    name: 'limiter, tokens given back late beside another caller',
    environments: pair([giveBack(2, { passMs: 1_000 }), take(2)], [take(1), take(1)]),
  }),
  limited({
    name: 'limiter, tokens given back beside a caller who remembers',
    environments: pair([giveBack(2), take(1)], [take(2), pass(700), take(2)]),
  }),
  limited({
    name: 'limiter, tokens given back when all have come back',
    environments: pair([giveBack(2, { passMs: 2_500 })], [take(2), take(2)]),
  }),
];

/** The same with more that happens beside them. */
export const limiterScenariosByState: readonly Scenario[] = [
  limited({
    name: 'limiter, two callers while the bucket fills up',
    environments: [...pair([take(2), take(1)], [take(1), take(2)]), time(pass(1_000), pass(1_001))],
  }),
  limited({
    name: 'limiter, two callers of a bucket that lapses and is deleted',
    before: { take: 1, agoMs: 0 },
    environments: [...pair([take(1), take(2)], [take(1), take(2)]), time(pass(62_000), sweep)],
  }),
  limited({
    name: 'limiter, tokens given back by both, while time passes',
    capacity: 3,
    environments: [...pair([giveBack(2), take(2)], [giveBack(2), take(1)]), time(pass(1_500))],
  }),
  limited({
    name: 'limiter, two callers whose clocks differ',
    lastSkewMs: -400,
    environments: [
      { name: 'A', skewMs: 700, does: [take(2), take(1)] },
      { name: 'B', skewMs: -400, does: [giveBack(1), take(2)] },
      time(pass(1_200)),
    ],
  }),
  limited({
    name: 'limiter, two callers, the clock of one of whom is set back',
    environments: [
      { name: 'A', does: [take(1), { clockMs: -900 }, take(1), take(1)] },
      { name: 'B', does: [take(2), take(1)] },
      time(pass(1_000)),
    ],
  }),
  limited({
    name: 'limiter, tokens given back by a clock that was set back',
    capacity: 3,
    environments: [
      { name: 'A', does: [giveBack(2, { passMs: 800, clockMs: -1_800 }), take(2)] },
      { name: 'B', does: [take(1), take(1)] },
    ],
  }),
];

export const leasedTokenScenarios: readonly Scenario[] = [
  limited({
    name: 'leased tokens, two environments, while time passes',
    capacity: 4,
    mostTokens: 2,
    environments: [
      ...pair([take(1), take(1), pass(1_000), take(1), take(1)], [take(1), take(2), take(1)]),
    ],
  }),
  limited({
    name: 'leased tokens, calls of one environment together, and another environment',
    capacity: 5,
    mostTokens: 2,
    slowAnswers: true,
    environments: [
      { name: 'A', does: [take(1), take(1), { together: [take(2), take(1)] }, take(1)] },
      { name: 'B', does: [take(1)] },
    ],
  }),
  limited({
    name: 'leased tokens, given back beside another environment',
    capacity: 3,
    mostTokens: 2,
    environments: pair(
      [take(1), giveBack(1, { passMs: 500 }), take(1), take(1)],
      [take(1), take(2)],
    ),
  }),
  limited({
    name: 'leased tokens, two environments whose clocks differ',
    capacity: 3,
    mostTokens: 2,
    lastSkewMs: -300,
    environments: [
      { name: 'A', skewMs: 400, does: [take(1), take(1), take(1)] },
      { name: 'B', skewMs: -300, does: [take(1), take(1), take(1)] },
      time(pass(900)),
    ],
  }),
];

const together: Deed = { together: [take(1), giveBack(2)] };

/** Calls of one environment that are under way together, and hear of it in any order. */
export const limiterScenariosOfOneMemory: readonly Scenario[] = [
  limited({
    name: 'limiter, two calls of one environment together, and another environment',
    slowAnswers: true,
    environments: [
      { name: 'A', does: [together, take(1)] },
      { name: 'B', does: [take(1)] },
    ],
  }),
  limited({
    name: 'limiter, tokens given back beside a slow answer of the same environment',
    slowAnswers: true,
    environments: [{ name: 'A', does: [{ together: [giveBack(2), take(1)] }, take(2)] }],
  }),
];

export const limiterScenariosOfThree: readonly Scenario[] = [
  limited({
    name: 'limiter, three callers, one of whom gives back',
    capacity: 3,
    environments: [
      { name: 'A', does: [giveBack(2), take(1)] },
      { name: 'B', does: [take(1), take(2)] },
      { name: 'C', does: [take(3), take(1)] },
    ],
  }),
  limited({
    name: 'limiter, three callers whose clocks differ, while time passes',
    environments: [
      { name: 'A', skewMs: 500, does: [take(1), take(1)] },
      { name: 'B', does: [take(2), take(1)] },
      { name: 'C', skewMs: -500, does: [take(1), take(2)] },
      time(pass(1_000)),
    ],
  }),
];
