/** Whether a call may come in under pressure, and if not, when to come back. */
import { type Level, treatments } from './levels.ts';
import type { Priority } from './priority.ts';

export type Admission =
  /** `delaySeconds`: by how much the work that it leaves behind is put off; whole, 0 for none. */
  | { readonly admitted: true; readonly delaySeconds: number }
  /** Before that nothing can have changed here. At least 1,000. */
  | { readonly admitted: false; readonly retryAfterMs: number };

/**
 * Over how long refused callers are spread, beyond the next reading: longer the worse it stands,
 * because all of them come back at once else, and find the queue as it was.
 */
export const spreadMs = {
  NORMAL: 0,
  WARNING: 5_000,
  CRITICAL: 15_000,
  SHED: 30_000,
} as const satisfies Readonly<Record<Level, number>>;

export interface Standing {
  readonly level: Level;
  /** Until then nothing else will be said here. */
  readonly nextReadingInMs: number;
}

export function admission(
  { level, nextReadingInMs }: Standing,
  priority: Priority,
  random: () => number = Math.random,
): Admission {
  const treatment = treatments[level][priority];
  if (treatment !== 'refused') return { admitted: true, delaySeconds: treatment };
  const afterMs = nextReadingInMs + random() * spreadMs[level];
  return { admitted: false, retryAfterMs: Math.max(1_000, afterMs) };
}
