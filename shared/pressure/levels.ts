/**
 * How much more is asked of the queues than their workers can do, in four levels, and what each of
 * them means to a call of a priority.
 *
 * A level follows from one reading alone, without hysteresis: two environments that read the same
 * numbers say the same, whatever they said before. What keeps it from flapping is that a reading
 * stands for seconds; and to be let in and refused by turns is how a queue is held at its threshold.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { Priority } from './priority.ts';

export const levels = ['NORMAL', 'WARNING', 'CRITICAL', 'SHED'] as const;

export type Level = (typeof levels)[number];

/** What is known of one queue. */
export interface QueueBacklog {
  readonly queue: string;
  /** Messages that were accepted and are not done. */
  readonly backlog: number;
  /** How long the oldest message has waited, as far as workers have told; 0 where none has, and
   *  undefined where what they told cannot be read: then the length says what is said. */
  readonly oldestAgeMs: number | undefined;
}

/** The first number of each level above NORMAL. */
export type Thresholds = Readonly<Record<Exclude<Level, 'NORMAL'>, number>>;

export interface LevelThresholds {
  /** In messages. */
  readonly backlog: Thresholds;
  readonly oldestAgeMs: Thresholds;
}

/**
 * The ages: at 30 s a caller who waits for an effect looks again, so that waiting makes more work; at
 * a minute the alarms of a delay begin; after five, whoever still waits has given up, and only
 * what must not be lost is worth its place in the queue. All are longer than a level may be out of date.
 */
export const defaultThresholds: LevelThresholds = {
  backlog: { WARNING: 500, CRITICAL: 1_000, SHED: 5_000 },
  oldestAgeMs: { WARNING: 30_000, CRITICAL: 60_000, SHED: 300_000 },
};

/** @throws RangeError for thresholds that are not whole numbers from 1, each above the one before. */
export function assertThresholds(thresholds: LevelThresholds): void {
  for (const [signal, { WARNING, CRITICAL, SHED }] of Object.entries(thresholds) as [
    string,
    Thresholds,
  ][]) {
    assertWhole(
      {
        [`${signal}.WARNING`]: WARNING,
        [`${signal}.CRITICAL`]: CRITICAL,
        [`${signal}.SHED`]: SHED,
      },
      1,
    );
    if (!(WARNING < CRITICAL && CRITICAL < SHED))
      throw new RangeError(
        `${signal} must grow from level to level, got ${WARNING}, ${CRITICAL}, ${SHED}`,
      );
  }
}

const levelAt = (value: number, { WARNING, CRITICAL, SHED }: Thresholds): Level =>
  value >= SHED ? 'SHED' : value >= CRITICAL ? 'CRITICAL' : value >= WARNING ? 'WARNING' : 'NORMAL';

const worse = (one: Level, other: Level): Level =>
  levels.indexOf(one) >= levels.indexOf(other) ? one : other;

/** The worse of what its length and its age say. */
export const levelOfQueue = (
  { backlog, oldestAgeMs }: Omit<QueueBacklog, 'queue'>,
  thresholds: LevelThresholds = defaultThresholds,
): Level =>
  worse(levelAt(backlog, thresholds.backlog), levelAt(oldestAgeMs ?? 0, thresholds.oldestAgeMs));

/** The worst of all queues, and the first queue that is so. Nothing read is NORMAL. */
export function levelOf(
  queues: readonly QueueBacklog[],
  thresholds: LevelThresholds = defaultThresholds,
): { readonly level: Level; readonly worst: QueueBacklog | undefined } {
  const level = queues.map((each) => levelOfQueue(each, thresholds)).reduce(worse, 'NORMAL');
  return { level, worst: queues.find((each) => levelOfQueue(each, thresholds) === level) };
}

/** Refused, or let in with the work it leaves behind put off by so many whole seconds. */
export type Treatment = 'refused' | number;

// biome-ignore format: a table, one level a row
export const treatments = {
  NORMAL:   { CRITICAL: 0, HIGH: 0,         NORMAL: 0,         LOW: 0 },
  WARNING:  { CRITICAL: 0, HIGH: 1,         NORMAL: 1,         LOW: 'refused' },
  CRITICAL: { CRITICAL: 0, HIGH: 2,         NORMAL: 'refused', LOW: 'refused' },
  SHED:     { CRITICAL: 0, HIGH: 'refused', NORMAL: 'refused', LOW: 'refused' },
} as const satisfies Readonly<Record<Level, Readonly<Record<Priority, Treatment>>>>;
