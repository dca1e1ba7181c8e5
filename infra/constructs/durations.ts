const dayMs = 86_400_000;

/** @throws RangeError unless it is a whole number of days, from 1. */
export function wholeDays(ms: number): number {
  const days = ms / dayMs;
  if (!Number.isInteger(days) || days < 1)
    throw new RangeError(`${ms} ms is not a whole number of days`);
  return days;
}
