/**
 * The sweeper: finds the events that stand in no ledger and hands them on, so that none is lost even
 * if the stream, or a report to it, is.
 *
 * It compares whole buckets, by consistent queries and without an index. What it finds it claims
 * first, because a second sweeper or a frozen one may be at the same bucket; the relay may be too,
 * and then an event goes out twice, which consumers expect.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { Item } from '../state/items.ts';
import type { ItemWriter, RangeReader } from '../state/store.ts';
import type { HandedOn, HandOn, ToHandOn } from './hand-on.ts';
import { claimWrite, readPendingEvent, typeNamedBy } from './outbox-items.ts';
import { type PassedOver, passedOver } from './passed-over.ts';
import { bucketsToSweep, type SweepPlan, unledgered } from './unledgered.ts';
import { itemsOfBucket } from './whole-bucket.ts';

export interface SweeperOptions extends Omit<SweepPlan, 'nowMs'> {
  readonly handOn: HandOn;
  readonly store: RangeReader & ItemWriter;
  /** The role of the outbox table. */
  readonly table: string;
  /** An event is swept when it is older than this: longer than the relay's usual lag. */
  readonly sweepAfterMs: number;
  /** How long a claim holds: longer than a run. */
  readonly claimMs: number;
  /** Most events of one run, so that a backlog does not bury the queues. */
  readonly maxPerRun?: number;
  /**
   * Claims of one event, after which it is parked. Large, because a queue that is down says nothing
   * about an event: 48 is half an hour of runs and then most of a day of hourly turns.
   */
  readonly maxTries?: number;
  readonly now?: () => number;
}

export interface Sweep {
  /** Asked before each step: with false the run ends there. */
  readonly hasTime: () => boolean;
  /** Told of each step's events when it is done, so that a run that fails later was not in vain. */
  readonly handedOn: (events: readonly HandedOn[]) => Promise<void>;
}

export interface Swept {
  /** Whether buckets or events are left: the run ended by its limit or time, or passed events over. */
  readonly unfinished: boolean;
  /** Event types whose queue took nothing, so that events of theirs were left, unclaimed. */
  readonly passedOver: readonly string[];
}

/** Items handed on together, under one ledger. */
const chunk = 100;

/** @throws when a bucket cannot be read: a store that fails must not look like one with nothing in it. */
export function outboxSweeper({
  handOn,
  store,
  table,
  sweepAfterMs,
  claimMs,
  maxPerRun = 2_000,
  maxTries = 48,
  now = Date.now,
  ...plan
}: SweeperOptions): (sweep: Sweep) => Promise<Swept> {
  assertWhole({ sweepAfterMs, claimMs, maxPerRun, maxTries, ...plan }, 1);

  /** How to go on with it, what went wrong, or undefined when somebody else has it. */
  async function claim(item: Item): Promise<ToHandOn | HandedOn | undefined> {
    const pending = readPendingEvent(item);
    if (!pending) return { item };
    const { event, tries } = pending;
    const nowMs = now();
    try {
      const write = claimWrite(table, event.id, { nowMs, untilMs: nowMs + claimMs });
      const { applied } = await store.write(write);
      if (!applied) return undefined;
      return tries < maxTries ? { item } : { item, giveUp: 'tries-exhausted' };
    } catch (error) {
      return { how: 'failed', event, cause: error instanceof Error ? error.name : 'unknown' };
    }
  }

  /** What the queues say of these items goes to `over`; a claim that failed says nothing of them. */
  async function sweepItems(
    items: readonly Item[],
    over: PassedOver,
  ): Promise<readonly HandedOn[]> {
    const claims = (await Promise.all(items.map(claim))).filter((each) => each !== undefined);
    const handed = await handOn(claims.filter((each) => 'item' in each));
    over.note(handed);
    return [...claims.filter((each) => 'how' in each), ...handed];
  }

  return async ({ hasTime, handedOn }) => {
    let left = maxPerRun;
    const over = passedOver();
    const leftOut = new Set<string>();
    /** Without what waits for the next run. */
    const without = (items: readonly Item[]): readonly Item[] =>
      items.filter((item) => {
        const type = typeNamedBy(item);
        if (!over.has(type)) return true;
        leftOut.add(type);
        return false;
      });
    const swept = (complete: boolean): Swept => ({
      unfinished: !complete || leftOut.size > 0,
      passedOver: [...leftOut],
    });

    for (const bucket of bucketsToSweep({ ...plan, nowMs: now() })) {
      if (!hasTime()) return swept(false);
      const items = await itemsOfBucket(store, table, bucket);
      let due = without(unledgered(items, now(), sweepAfterMs));
      while (due.length > 0) {
        if (left === 0 || !hasTime()) return swept(false);
        const size = Math.min(chunk, left, due.length);
        await handedOn(await sweepItems(due.slice(0, size), over));
        due = without(due.slice(size));
        left -= size;
      }
    }
    return swept(true);
  };
}
