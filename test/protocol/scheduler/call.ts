/** What an actor asks of the world, in words for a trace, and what can go wrong with it. */
import { type Comparisons, type Condition, conditionOf, type Write } from '#shared/state/items.ts';

/**
 * - `lose-request`: it never arrives; the caller hears a timeout.
 * - `lose-answer`: it is done; the caller hears a timeout.
 * - `arrive-late`: the caller hears a timeout; it is done at any later time.
 * - `conflict`, `throttle`: a commit is refused, nothing is done.
 * - `fail`, `refuse`: the queue does not take a message, for its own reasons or for the message's.
 * - `stale`: an eventually consistent read answers with the item as it was before its last change.
 * - `crash`: it is done, and the actor never continues.
 * - `freeze`: time passes, and the actor's call goes out when everybody else is done.
 */
export type Fault =
  | 'lose-request'
  | 'lose-answer'
  | 'arrive-late'
  | 'conflict'
  | 'throttle'
  | 'fail'
  | 'refuse'
  | 'stale'
  | 'crash'
  | 'freeze';

export interface Call {
  readonly verb: string;
  readonly what: string;
  /** Beside `crash` and `freeze`, which strike anywhere. */
  readonly faults: readonly Fault[];
  /** Runs beside the actor's other calls, and is dropped when the signal aborts. */
  readonly aside?: AbortSignal;
}

export const faultsOf: Readonly<Record<string, readonly Fault[]>> = {
  read: ['lose-request'],
  page: ['lose-request'],
  write: ['lose-request', 'lose-answer', 'arrive-late'],
  commit: ['lose-request', 'lose-answer', 'arrive-late', 'conflict', 'throttle'],
  send: ['lose-request', 'lose-answer', 'fail', 'refuse'],
  hide: ['lose-request'],
  acknowledge: ['lose-request', 'lose-answer'],
};

const nameOfKey = (key: Readonly<Record<string, string>>): string => Object.values(key).join('/');

export const nameOfAddress = ({ table, key }: Write['at']): string => `${table} ${nameOfKey(key)}`;

const verbOf = (write: Write): string =>
  'put' in write ? 'put' : 'remove' in write ? 'remove' : 'check' in write ? 'check' : 'update';

function textOfCondition(condition: Condition): string {
  if ('absent' in condition) return 'absent';
  if ('lapsedAtMs' in condition) return 'absent or lapsed';
  if ('absentOr' in condition) return `absent or ${textOfComparisons(condition.absentOr)}`;
  return textOfComparisons(condition.where);
}

const textOfComparisons = (comparisons: Comparisons): string =>
  Object.entries(comparisons)
    .map(([name, comparison]) =>
      Object.entries(comparison)
        .map(([how, value]) => `${name} ${signs[how] ?? how} ${shortened(String(value))}`)
        .join(' and '),
    )
    .join(' and ');

const signs: Readonly<Record<string, string>> = { equals: '=', atLeast: '≥', below: '<' };

export function textOfWrite(write: Write): string {
  const condition = conditionOf(write);
  return `${verbOf(write)} ${nameOfAddress(write.at)}${condition ? ` if ${textOfCondition(condition)}` : ''}`;
}

const longest = 160;

/** A value as a trace shows it. */
export const shortened = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
};
