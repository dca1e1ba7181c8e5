/** Windows of time that begin at multiples of their length since 1970, for everybody at once. */
import { assertWhole } from '../options/assert-numbers.ts';

export interface WindowPolicy {
  /** Tokens of a window. A whole number from 1. */
  readonly capacity: number;
  /** In whole milliseconds from 1. */
  readonly windowMs: number;
}

const longestMs = 366 * 86_400_000;

/** @throws RangeError for a policy that limits nothing, or is not in whole numbers. */
export function assertWindow({ capacity, windowMs }: WindowPolicy): void {
  assertWhole({ capacity, windowMs }, 1);
  if (windowMs > longestMs)
    throw new RangeError(`windowMs must be at most ${longestMs} (a year), got ${windowMs}`);
  // Counts are weighted with times: beyond it their products are no whole numbers any more.
  if (!Number.isSafeInteger(2 * capacity * windowMs))
    throw new RangeError(`capacity × windowMs is too large: ${capacity} × ${windowMs}`);
}

export const windowAt = ({ windowMs }: WindowPolicy, nowMs: number): number =>
  Math.floor(nowMs / windowMs) * windowMs;
