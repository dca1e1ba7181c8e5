/** One remembered value, and what a lookup that finds it should do. */
import { type Lifetime, phaseOf } from './lifetime.ts';
import { covers, type Versions } from './tag-versions.ts';

export interface Entry<V> extends Lifetime {
  /** Undefined: there is nothing. */
  readonly value: V | undefined;
  /** Of its tags, as they were before its load began. */
  readonly versions: Versions;
  /** When it was last known that they still stood. */
  checkedAtMs: number;
}

export type Verdict = 'answer' | 'answer-and-refresh' | 'load';

/** Not before the beginning, which is where a clock that was set back puts it. */
export const isWithin = (nowMs: number, fromMs: number, ms: number): boolean =>
  nowMs >= fromMs && nowMs - fromMs < ms;

export interface Look {
  readonly nowMs: number;
  /** The versions of the tags as they are now. */
  readonly seen: Versions;
}

/** An entry whose tags were bumped is never answered, however young it is. */
export function verdictOf<V>(entry: Entry<V> | undefined, look: Look): Verdict {
  if (!entry || !covers(entry.versions, look.seen)) return 'load';
  switch (phaseOf(entry, look.nowMs)) {
    case 'fresh':
      return 'answer';
    case 'stale':
      return 'answer-and-refresh';
    case 'on-error':
    case 'over':
      return 'load';
  }
}

/** Whether it stays in spite of a newly loaded one: it knows of more bumps, or began later. */
export const outranks = <V>(held: Entry<V>, loaded: Entry<V>, nowMs: number): boolean =>
  phaseOf(held, nowMs) !== 'over' &&
  (!covers(loaded.versions, held.versions) || held.beganAtMs > loaded.beganAtMs);
