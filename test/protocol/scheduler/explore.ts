/** Many runs of a scenario: all of them, all states, or as many as there are seeds. */
import { createHash } from 'node:crypto';
import type { Subject } from '../subject.ts';
import { nextScript, type ScriptedChoices, scripted, seeded } from './choices.ts';
import { type Ended, execute, type Scenario } from './execute.ts';
import { textOf, type Violation } from './trace.ts';

export interface Found {
  readonly violation: Violation;
  readonly steps: number;
  readonly text: string;
}

export interface Explored {
  readonly scenario: string;
  /** Runs to the end. */
  readonly schedules: number;
  /** Runs that came to a state from which all had been tried; 0 where states were not compared. */
  readonly pruned: number;
  /** For each promise that was broken, the shortest run that broke it. */
  readonly found: readonly Found[];
}

export interface ExploreOptions {
  readonly subject: Subject;
  readonly faults: number;
  /** Compares states: each is left in every way, but reached in one. */
  readonly states?: boolean;
  /** Ends when these promises have been broken. */
  readonly until?: (found: readonly Found[]) => boolean;
}

/** Every order of the actors' calls, with up to so many faults, each at every call. */
export async function explore(
  scenario: Scenario,
  { subject, faults, states = false, until = (found) => found.length > 0 }: ExploreOptions,
): Promise<Explored> {
  const seen = new Set<string>();
  const findings = collect();
  let schedules = 0;
  let pruned = 0;
  let script: readonly number[] | undefined = [];
  while (script && !until(findings.all())) {
    const choices: ScriptedChoices = scripted(script);
    const known = script.length;
    const ended = await execute(scenario, {
      subject,
      choices,
      faults,
      ...(states && {
        isKnown: (state: string) => choices.taken.length >= known && !isNew(seen, state),
      }),
    });
    if (ended.pruned) pruned += 1;
    else schedules += 1;
    findings.add(scenario, ended, scheduleText(scenario.name, faults, choices.taken));
    script = nextScript(choices);
  }
  return { scenario: scenario.name, schedules, pruned, found: findings.all() };
}

function isNew(seen: Set<string>, state: string): boolean {
  const hash = createHash('sha256').update(state).digest('base64');
  if (seen.has(hash)) return false;
  seen.add(hash);
  return true;
}

export interface SeededOptions {
  readonly subject: Subject;
  readonly faults: number;
  readonly seeds: readonly number[];
}

/** One run for each seed. */
export async function exploreSeeds(
  scenario: Scenario,
  { subject, faults, seeds }: SeededOptions,
): Promise<Explored> {
  const findings = collect();
  for (const seed of seeds) {
    const ended = await execute(scenario, { subject, choices: seeded(seed), faults });
    findings.add(scenario, ended, `HOLDFAST_SEED=${seed}`);
  }
  return { scenario: scenario.name, schedules: seeds.length, pruned: 0, found: findings.all() };
}

/** A run as a trace names it, and back. */
const scheduleText = (name: string, faults: number, taken: readonly number[]): string =>
  `HOLDFAST_SCHEDULE='${name}: ${faults}: ${taken.join('.')}'`;

export interface Schedule {
  readonly scenario: string;
  readonly faults: number;
  readonly script: readonly number[];
}

/** @throws RangeError for anything else than a trace prints. */
export function readSchedule(text: string): Schedule {
  const [, scenario, faults, script] = /^(.+): (\d+): ([\d.]*)$/.exec(text) ?? [];
  if (scenario === undefined || script === undefined)
    throw new RangeError(`not a schedule: '${text}'`);
  return {
    scenario,
    faults: Number(faults),
    script: script === '' ? [] : script.split('.').map(Number),
  };
}

/** One run again. */
export async function rerun(
  scenario: Scenario,
  { subject, faults, script }: Omit<Schedule, 'scenario'> & { readonly subject: Subject },
): Promise<Explored> {
  const choices = scripted(script);
  const ended = await execute(scenario, { subject, choices, faults });
  const findings = collect();
  findings.add(scenario, ended, scheduleText(scenario.name, faults, choices.taken));
  return { scenario: scenario.name, schedules: 1, pruned: 0, found: findings.all() };
}

function collect() {
  const found = new Map<string, Found>();
  return {
    all: (): readonly Found[] => [...found.values()],
    add(scenario: Scenario, { violations, lines }: Ended, again: string): void {
      for (const violation of violations) {
        const known = found.get(violation.never);
        if (known && known.steps <= lines.length) continue;
        const text = textOf({
          scenario: scenario.name,
          lines,
          violation,
          rerun: `${again} npm test -- --project protocol`,
        });
        found.set(violation.never, { violation, steps: lines.length, text });
      }
    },
  };
}
