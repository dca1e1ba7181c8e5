/**
 * The pressure on the queues, as one environment knows it.
 *
 * A reading is asked for by the call that finds the last one out of date, and stands for `freshMs`.
 * Whoever calls meanwhile shares it. A reading that fails or is late is nobody's failure: the last one
 * stands until it is too old to mean anything, and then all may come in.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import {
  assertThresholds,
  defaultThresholds,
  type Level,
  type LevelThresholds,
  levelOf,
  type QueueBacklog,
} from './levels.ts';

/** Where readings come from. It throws when the length of any of its queues cannot be read. */
export interface BacklogReader {
  read(): Promise<readonly QueueBacklog[]>;
}

export interface Pressure {
  /** NORMAL as well where nothing is known. */
  readonly level: Level;
  /** False: never read, or too long ago. */
  readonly known: boolean;
  /** As they were read; empty where nothing is known. */
  readonly queues: readonly QueueBacklog[];
  /** When the reading began; undefined where nothing is known. */
  readonly readAtMs: number | undefined;
  readonly ageMs: number | undefined;
  /** From 0. Before that this environment asks nobody. */
  readonly nextReadingInMs: number;
}

export interface Gauge {
  /** Never throws, and waits no longer than `timeoutMs`, nor than the caller has time: with less than
   *  a millisecond it asks nobody. A reading that is under way goes on behind it. */
  look(within?: { readonly withinMs?: number | undefined }): Promise<Pressure>;
}

export interface GaugeOptions {
  readonly reader: BacklogReader;
  /** A reading stands for so long, in whole milliseconds from 1. */
  readonly freshMs?: number;
  /** Longest wait for a reading. */
  readonly timeoutMs?: number;
  /** Time between the beginnings of two readings when the first one failed or was late. */
  readonly retryEveryMs?: number;
  /** From this age on a reading says nothing any more. Not below `freshMs`. */
  readonly unknownAfterMs?: number;
  readonly thresholds?: LevelThresholds;
  readonly listen?: Listener;
  /** Told of each reading that succeeded. Must not throw. */
  readonly onReading?: (level: Level) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

interface Reading {
  readonly turn: number;
  readonly atMs: number;
  readonly level: Level;
  readonly worst: QueueBacklog | undefined;
  readonly queues: readonly QueueBacklog[];
}

/**
 * @example
 * const gauge = pressureGauge({ reader });
 * const { level } = await gauge.look();
 */
export function pressureGauge({
  reader,
  freshMs = 10_000,
  timeoutMs = 250,
  retryEveryMs = 2_000,
  unknownAfterMs = 60_000,
  thresholds = defaultThresholds,
  listen = silent,
  onReading = () => {},
  now = Date.now,
  sleep = unheld,
}: GaugeOptions): Gauge {
  assertWhole({ freshMs, timeoutMs, retryEveryMs, unknownAfterMs }, 1);
  if (unknownAfterMs < freshMs)
    throw new RangeError(`unknownAfterMs must not be below freshMs, got ${unknownAfterMs}`);
  assertThresholds(thresholds);

  let last: Reading | undefined;
  let flight: Promise<void> | undefined;
  let turns = 0;
  let begunAtMs = Number.NEGATIVE_INFINITY;
  let everyMs = 0;
  let failing = false;
  /** What was last said to the listener. */
  let told: { readonly level: Level; readonly worst: QueueBacklog | undefined } = {
    level: 'NORMAL',
    worst: undefined,
  };

  const tell = (
    happened: string,
    severity: 'info' | 'warning',
    facts: Readonly<Record<string, string | number>>,
  ) => listen({ pattern: 'pressure', happened, subject: 'queues', severity, facts });

  function failed(turn: number, why: string): void {
    if (turn === turns) everyMs = retryEveryMs;
    if (failing) return;
    failing = true;
    tell('reading-failed', 'warning', { error: why });
  }

  function take(turn: number, atMs: number, queues: readonly QueueBacklog[]): void {
    // One that was late may come in behind the next.
    if (last && last.turn > turn) return;
    failing = false;
    last = { turn, atMs, queues, ...levelOf(queues, thresholds) };
    onReading(last.level);
    if (last.level === told.level) return;
    // At NORMAL no queue is to blame: then the one that was.
    const { queue = 'none' } = (last.level === 'NORMAL' ? told.worst : last.worst) ?? {};
    const { backlog, oldestAgeMs } = queues.find((each) => each.queue === queue) ?? {};
    tell('level-changed', last.level === 'NORMAL' ? 'info' : 'warning', {
      from: told.level,
      to: last.level,
      queue,
      ...(backlog !== undefined && { backlog }),
      ...(oldestAgeMs !== undefined && { oldestAgeMs }),
    });
    told = last;
  }

  async function begin(): Promise<void> {
    turns += 1;
    const turn = turns;
    const atMs = now();
    begunAtMs = atMs;
    everyMs = freshMs;
    let answered = false;
    const asking = async () => reader.read();
    const reading = asking().then(
      (queues) => {
        answered = true;
        take(turn, atMs, queues);
      },
      (error: unknown) => {
        answered = true;
        failed(turn, error instanceof Error ? error.name : 'unknown');
      },
    );
    await Promise.race([reading, sleep(timeoutMs)]);
    if (!answered) failed(turn, 'late');
    flight = undefined;
  }

  /** The last reading, if it still says something. A clock that was set back makes it younger once. */
  function standing(nowMs: number): Reading | undefined {
    if (last && last.atMs > nowMs) last = { ...last, atMs: nowMs };
    if (last && nowMs - last.atMs < unknownAfterMs) return last;
    if (last) {
      tell('unknown', 'warning', { from: last.level, ageMs: nowMs - last.atMs });
      last = undefined;
      told = { level: 'NORMAL', worst: undefined };
    }
    return undefined;
  }

  return {
    async look({ withinMs = Infinity } = {}) {
      const beforeMs = now();
      const due = beforeMs >= begunAtMs + everyMs || beforeMs < begunAtMs;
      if ((due || flight) && withinMs >= 1) {
        flight ??= begin();
        await (withinMs < timeoutMs ? Promise.race([flight, sleep(withinMs)]) : flight);
      }
      const nowMs = now();
      const reading = standing(nowMs);
      return {
        level: reading?.level ?? 'NORMAL',
        known: reading !== undefined,
        queues: reading?.queues ?? [],
        readAtMs: reading?.atMs,
        ageMs: reading && nowMs - reading.atMs,
        nextReadingInMs: Math.max(0, Math.min(everyMs, begunAtMs + everyMs - nowMs)),
      };
    },
  };
}

/** A timer that keeps no process alive: it mostly outlives the reading. */
const unheld = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
