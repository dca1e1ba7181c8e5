import { UsageError } from './usage-error.ts';

/** A time with its zone, in milliseconds. @throws UsageError, also for a day that no month has */
export function instant(option: string, text: string): number {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = day !== undefined && isDay(day) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `${option} must be a time with its zone, such as 2026-01-31T09:00:00Z, got '${text}'`,
    );
  return ms;
}

/** `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
