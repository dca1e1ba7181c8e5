/**
 * Events that are handed on once more, chosen from what the outbox still holds. Which of them were
 * worked on is for their consumers to know.
 */
import type { Item } from '../state/items.ts';
import type { DomainEvent } from './event.ts';
import { bucketAt, isLedger, partitionsOf, readPendingEvent } from './outbox-items.ts';

/** All that is given must fit. */
export interface ReplayFilter {
  /** From this instant on. */
  readonly fromMs: number;
  /** Up to but not including. */
  readonly toMs: number;
  readonly aggregate?: string | undefined;
  readonly type?: string | undefined;
  readonly tenant?: string | undefined;
}

/** The partitions in which events of that time stand, oldest first. */
export function partitionsBetween({
  fromMs,
  toMs,
}: Pick<ReplayFilter, 'fromMs' | 'toMs'>): readonly string[] {
  if (!(toMs > fromMs)) return [];
  const [first, last] = [bucketAt(fromMs), bucketAt(toMs - 1)];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).flatMap(partitionsOf);
}

/** The events among these items that fit, in the order of each aggregate, which is that of their ids. */
export const eventsToReplay = (
  items: readonly Item[],
  { fromMs, toMs, aggregate, type, tenant }: ReplayFilter,
): readonly DomainEvent[] =>
  items
    .flatMap((item) => (isLedger(item) ? [] : (readPendingEvent(item)?.event ?? [])))
    .filter(
      (event) =>
        event.occurredAtMs >= fromMs &&
        event.occurredAtMs < toMs &&
        (aggregate === undefined || event.aggregate === aggregate) &&
        (type === undefined || event.type === type) &&
        (tenant === undefined || event.tenant === tenant),
    )
    .toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || a.seq - b.seq || (a.id < b.id ? -1 : 1));

/** How many of `total` may be sent so long after the first, at a rate. */
export const dueAfter = (elapsedMs: number, ratePerSecond: number, total: number): number =>
  Math.min(total, Math.floor((elapsedMs / 1_000) * ratePerSecond) + ratePerSecond);
