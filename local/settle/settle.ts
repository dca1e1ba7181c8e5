/**
 * Makes what was deployed agree with its templates, where an engine drops a property without a word,
 * and looks at everything once more through the public APIs. What it settles is read from the
 * templates, so it cannot drift from the stacks.
 */
import type { Resource } from './resource.ts';
import type { Clients, Settings, Step } from './step.ts';
import { everyStep } from './steps.ts';

/** A setting that is not as its template says. */
export interface Difference {
  readonly step: string;
  readonly resource: string;
  readonly setting: string;
  readonly wanted: Settings[string];
  readonly found: Settings[string];
}

const sentence = ({ step, resource, setting, wanted, found }: Difference): string =>
  `${resource}: ${setting} is ${found ?? 'absent'}, wanted ${wanted ?? 'absent'} (${step})`;

/** The deployed resources are not what their templates say, and it could not be mended. */
export class NotSettledError extends Error {
  override name = 'NotSettledError';
  readonly differences: readonly Difference[];

  constructor(differences: readonly Difference[]) {
    const lines = differences.map((difference) => `  ${sentence(difference)}`);
    super(`what is deployed is not what the templates say:\n${lines.join('\n')}`);
    this.differences = differences;
  }
}

export interface SettleOptions {
  readonly resources: readonly Resource[];
  readonly clients: Clients;
  /** All of them are read back. */
  readonly steps?: readonly Step[];
  /** Those of them that may change something. Default: all. */
  readonly applied?: readonly Step[];
}

/**
 * @returns what differed and has been put right.
 * @throws NotSettledError naming each resource and difference that is left.
 */
export async function settle({
  resources,
  clients,
  steps = everyStep,
  applied = steps,
}: SettleOptions): Promise<readonly Difference[]> {
  const pairs = steps.flatMap((step) =>
    resources.filter(({ type }) => type === step.type).map((resource) => ({ step, resource })),
  );
  const look = async () =>
    (
      await Promise.all(
        pairs.map(async (pair) => ({ ...pair, differences: await differencesOf(pair, clients) })),
      )
    ).filter(({ differences }) => differences.length > 0);

  const before = await look();
  const mendable = before.filter(({ step }) => step.apply && applied.includes(step));
  for (const group of byResource(mendable))
    await Promise.all(
      group.map(({ step, resource }) =>
        named(resource, step, 'changed', () => step.apply?.(clients, resource)),
      ),
    );

  const left = (await look()).flatMap(({ differences }) => differences);
  if (left.length > 0) throw new NotSettledError(left);
  return before.flatMap(({ differences }) => differences);
}

interface Pair {
  readonly step: Step;
  readonly resource: Resource;
}

/** In turns of one change a resource, because services refuse a second one while the first is on. */
function byResource<P extends Pair>(pairs: readonly P[]): readonly P[][] {
  const turns: P[][] = [];
  const changes = new Map<Resource, number>();
  for (const pair of pairs) {
    const turn = changes.get(pair.resource) ?? 0;
    changes.set(pair.resource, turn + 1);
    turns[turn] = [...(turns[turn] ?? []), pair];
  }
  return turns;
}

async function differencesOf({ step, resource }: Pair, clients: Clients): Promise<Difference[]> {
  const wanted = Object.entries(step.wanted(resource));
  if (wanted.length === 0) return [];
  const found = await named(resource, step, 'read', () => step.read(clients, resource));
  return wanted
    .filter(([setting, value]) => found[setting] !== value)
    .map(([setting, value]) => ({
      step: step.name,
      resource: resource.physicalId,
      setting,
      wanted: value,
      found: found[setting],
    }));
}

/** Does it, and says of whom when it fails. */
async function named<T>(
  { type, physicalId }: Resource,
  { name }: Step,
  what: 'read' | 'changed',
  work: () => Promise<T> | undefined,
): Promise<T> {
  try {
    return (await work()) as T;
  } catch (cause) {
    throw new Error(
      `${name} of ${physicalId} (${type}) cannot be ${what}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
