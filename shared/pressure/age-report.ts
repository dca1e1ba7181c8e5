/**
 * How long messages wait, as their workers tell it: SQS knows the age of a queue's oldest message and
 * says it to CloudWatch alone. One small item a queue, written only by workers that are behind.
 */
import { type Address, type Item, toTtl, type Write } from '../state/items.ts';

export interface AgeReport {
  readonly queue: string;
  /** How long the oldest message of a batch had waited when it was received. */
  readonly ageMs: number;
  /** When the worker had the batch. */
  readonly atMs: number;
}

export const ageReportAddress = (table: string, queue: string): Address => ({
  table,
  key: { pk: `pressure#${queue}` },
});

/** Unconditional: of several workers that are behind, whoever writes last is right enough. */
export function ageReportWrite(
  table: string,
  { queue, ageMs, atMs }: AgeReport,
  { lifeMs }: { readonly lifeMs: number },
): Write {
  const expiresAtMs = atMs + lifeMs;
  return {
    put: { ageMs, atMs, expiresAtMs, ttl: toTtl(expiresAtMs) },
    at: ageReportAddress(table, queue),
  };
}

/**
 * The age that a report tells, in milliseconds; 0 for none that still counts. One from the future,
 * where a clock was set back, counts no longer than any other.
 */
export function ageReported(
  item: Item | undefined,
  nowMs: number,
  { lifeMs }: { readonly lifeMs: number },
): number {
  const { ageMs, atMs } = item ?? {};
  if (typeof ageMs !== 'number' || typeof atMs !== 'number') return 0;
  return Math.abs(nowMs - atMs) < lifeMs ? Math.max(0, ageMs) : 0;
}
