/** The constant calls of a run and the levels that the service shows meanwhile, seen by one loop. */
import { Rate } from 'k6/metrics';
import { type Answer, ask, problemOf, retryAfterSeconds } from '../support/ask.ts';
import type { Caller } from '../support/callers.ts';
import { pause } from '../support/loop.ts';
import { shuffled } from '../support/random.ts';
import { say } from '../support/say.ts';
import { type Priority, priorities, type Work, works } from './works.ts';

export const phases = ['calm', 'overload', 'recovery'] as const;
export type Phase = (typeof phases)[number];

const succeeded = new Rate('succeeded');
const shed = new Rate('shed');
const refusalsToldWell = new Rate('refusals_told_well');

export const watchThresholds: Readonly<Record<string, string[]>> = {
  ...Object.fromEntries(
    phases.flatMap((phase) => [
      [`succeeded{phase:${phase},priority:CRITICAL}`, ['rate>=0.99']],
      [`shed{phase:${phase},priority:CRITICAL}`, ['rate==0']],
    ]),
  ),
  'succeeded{phase:calm}': ['rate>=0.98'],
  'shed{phase:calm}': ['rate==0'],
  refusals_told_well: ['rate==1'],
};

export interface Outcome {
  readonly priority: Priority;
  readonly phase: Phase;
  readonly sentAtMs: number;
  readonly is: 'done' | 'shed' | 'failed';
}

export interface Reading {
  readonly level: string;
  readonly backlog: number;
  readonly oldestAgeMs: number;
}

export interface WatchOptions {
  readonly customer: Caller;
  readonly operator: Caller;
  /** Before each key of the run. */
  readonly run: string;
  /** The type of the problem that a shed call gets. */
  readonly refusal: string;
  readonly random: () => number;
}

export type Watch = ReturnType<typeof watching>;

export function watching({ customer, operator, run, refusal, random }: WatchOptions) {
  const outcomes: Outcome[] = [];
  const readings: Reading[] = [];
  let phase: Phase = 'calm';
  let nth = 0;
  let queued: readonly Priority[] = [];

  const isShed = (answer: Answer): boolean =>
    answer.status === 503 && problemOf(answer)['type'] === refusal;

  /** As many of each priority in every four calls, in an order that the seed says. */
  function nextPriority(): Priority {
    const [next = 'CRITICAL', ...rest] = queued.length > 0 ? queued : shuffled(priorities, random);
    queued = rest;
    return next;
  }

  /**
   * What failed otherwise is asked again, the very same way, at most 5 times in all: a machine at its
   * end answers 503 for a table that is late, and that is another matter than to be shed.
   */
  async function persist({ asked, done }: Work): Promise<Answer> {
    let answer = await ask(customer, asked);
    for (let tries = 1; tries < 5 && answer.status !== done && !isShed(answer); tries++) {
      await pause(1_000 * (retryAfterSeconds(answer) ?? tries) * (0.5 + random() / 2));
      answer = await ask(customer, asked);
    }
    return answer;
  }

  return {
    outcomes,
    readings,
    enter(next: Phase) {
      phase = next;
    },
    /** One of each kind, which nobody counts: a cold environment is a question of its own. */
    async warm(): Promise<void> {
      const kinds = priorities.flatMap((priority) =>
        [true, false].map((isFirstKind) =>
          works[priority]({ key: `${run}-warm-${priority}-${isFirstKind}`, isFirstKind, random }),
        ),
      );
      await Promise.all([...kinds, ...kinds].map(persist));
    },
    async call(): Promise<void> {
      nth += 1;
      const sent = { priority: nextPriority(), phase, sentAtMs: Date.now() };
      const turn = { key: `${run}-${nth}`, isFirstKind: nth % 8 < 4, random };
      const work = works[sent.priority](turn);
      const answer = await persist(work);
      const is = isShed(answer) ? 'shed' : answer.status === work.done ? 'done' : 'failed';
      outcomes.push({ ...sent, is });
      const tags = { phase: sent.phase, priority: sent.priority };
      succeeded.add(is === 'done', tags);
      shed.add(is === 'shed', tags);
      if (is === 'shed') refusalsToldWell.add(retryAfterSeconds(answer) !== undefined);
      if (is === 'failed')
        say(`${work.asked.route} ${answer.status} ${answer.body ?? answer.error}`);
    },
    /** What GET /stats says, or undefined where it does not answer. */
    async look(): Promise<Reading | undefined> {
      const asked = { route: 'get-stats', method: 'GET', path: '/stats' } as const;
      const answer = await ask(operator, asked);
      if (answer.status !== 200) return undefined;
      const level = String(answer.json('pressure.level'));
      const queues = answer.json('pressure.queues') as unknown as readonly Reading[];
      const backlog = Math.max(0, ...queues.map((queue) => queue.backlog));
      const oldestAgeMs = Math.max(0, ...queues.map((queue) => queue.oldestAgeMs));
      if (readings.at(-1)?.level !== level)
        say(`${phase}: ${level}, backlog ${backlog}, oldest ${Math.round(oldestAgeMs / 1_000)} s`);
      const reading = { level, backlog, oldestAgeMs };
      readings.push(reading);
      return reading;
    },
  };
}
