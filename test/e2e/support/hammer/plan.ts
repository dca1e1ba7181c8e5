/** The requests of a run, in the order in which they are sent. The same seed makes the same plan. */
import { type Action, type Asked, madeIdOf } from './action.ts';
import { type Random, seededRandom } from './random.ts';
import { type Scene, scenes } from './scenes.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly requests: number;
  /** The same things happen in each, under the same ids. */
  readonly tenants: readonly string[];
}

export function planOf({ seed, requests, tenants }: PlanOptions): readonly Action[] {
  const random = seededRandom(seed);
  const keys = new Map<Asked, string>();
  const counts = new Map<string, number>();
  const count = (what: string): number => {
    const before = counts.get(what) ?? 0;
    counts.set(what, before + 1);
    return before;
  };
  /** Counted for each caller and route: all of them use the same keys. */
  const keyOf = (asked: Asked): string => {
    const { caller, route } = asked;
    const known = keys.get(asked) ?? `key ${count(`${caller.tenant}/${caller.user}/${route}`) + 1}`;
    keys.set(asked, known);
    return known;
  };

  const cues: { readonly asked: Asked; readonly at: number }[] = [];
  while (cues.length < requests) {
    const begun = cues.length;
    const stage = {
      random,
      count,
      tenant: random.pick(tenants),
      idOf: (asked: Asked) => madeIdOf({ ...asked, key: keyOf(asked) }),
    };
    // A copy: an action asked for twice is two actions, each with a key of its own.
    for (const { asked, after } of pickScene(random)(stage))
      cues.push({ asked: keys.has(asked) ? asked : { ...asked }, at: begun + after });
  }
  return cues
    .slice(0, requests)
    .sort((a, b) => a.at - b.at)
    .map(({ asked }) => ({ ...asked, key: keyOf(asked), copies: random.int(2, 5) }));
}

function pickScene(random: Random): Scene {
  let left = random.next() * scenes.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [scene, weight] of scenes) {
    left -= weight;
    if (left < 0) return scene;
  }
  throw new Error('unreachable: the weights sum to more than any choice');
}
