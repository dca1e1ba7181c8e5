/** A replay: which letters, how far it is, and the only code that knows its item. */
import { type Address, type Item, toTtl, type Value, type Write } from '../state/items.ts';
import type { LetterFilter } from './letters.ts';
import type { Replayed } from './replay-letters.ts';

/** What is asked for: letters by name, or all that fit. */
export type Wanted =
  | { readonly ids: readonly string[] }
  | { readonly filter: Omit<LetterFilter, 'states' | 'orTakenBy'> };

export interface Progress {
  /** Letters that were asked for and found. */
  readonly matched: number;
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
  /** Why letters were skipped or failed, each with its number. */
  readonly because: Readonly<Record<string, number>>;
}

export interface Replay {
  readonly queue: string;
  readonly id: string;
  readonly version: number;
  /** `planned`: a dry run, of which nothing follows. */
  readonly state: 'planned' | 'running' | 'done';
  readonly wanted: Wanted;
  /** One letter's body in its place. */
  readonly edit?: { readonly id: string; readonly body: string };
  readonly ratePerSecond: number;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly finishedAtMs?: number;
  /** The step that comes next, from 1. */
  readonly step: number;
  /** Where it begins: behind a letter of the list. */
  readonly position?: Item;
  readonly progress: Progress;
  /** Not all letters were counted: there are more. Dry runs only. */
  readonly truncated?: boolean;
  readonly expiresAtMs: number;
}

export const nothingYet: Progress = {
  matched: 0,
  replayed: 0,
  skipped: 0,
  failed: 0,
  because: {},
};

export function afterLetters(before: Progress, letters: readonly Replayed[]): Progress {
  const count = (how: Replayed['how']) => letters.filter((each) => each.how === how).length;
  const because = { ...before.because };
  for (const each of letters)
    if (each.how !== 'replayed') because[each.because] = (because[each.because] ?? 0) + 1;
  return {
    matched: before.matched + letters.length,
    replayed: before.replayed + count('replayed'),
    skipped: before.skipped + count('skipped'),
    failed: before.failed + count('failed'),
    because,
  };
}

/** Letters of one step at most: what is sent in half a minute. */
export const lettersOfStep = (ratePerSecond: number): number =>
  Math.max(1, Math.min(100, Math.floor(ratePerSecond * 30)));

/** Time until the next step, in whole seconds, so that steps keep the rate as well. */
export const secondsOfStep = (letters: number, ratePerSecond: number): number =>
  Math.ceil(letters / ratePerSecond);

export const replayAddress = (table: string, queue: string, id: string): Address => ({
  table,
  key: { pk: `replays#${queue}`, sk: id },
});

/** Whether it may be written is for its caller to condition. */
export function replayWrite(table: string, { queue, id, ...fields }: Replay): Write {
  const text = JSON.parse(JSON.stringify(fields)) as Readonly<Record<string, Value>>;
  return {
    put: { kind: 'replay', ...text, ttl: toTtl(fields.expiresAtMs) },
    at: replayAddress(table, queue, id),
  };
}

/** Undefined for one that has lapsed. */
export function readReplay(item: Item | undefined, nowMs: number): Replay | undefined {
  if (!item) return undefined;
  const { pk, sk, kind, ttl: _, ...fields } = item;
  if (kind !== 'replay' || typeof pk !== 'string' || typeof sk !== 'string')
    throw new TypeError(`item ${String(pk)} ${String(sk)} is no replay`);
  const { expiresAtMs } = fields;
  if (typeof expiresAtMs !== 'number' || expiresAtMs <= nowMs) return undefined;
  return { ...fields, queue: pk.slice('replays#'.length), id: sk } as unknown as Replay;
}
