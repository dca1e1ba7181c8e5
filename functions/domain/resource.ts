/**
 * A resource that is booked by the slot. Its slots are the same every day, in UTC, and as long as
 * each other.
 *
 * They never change: bookings name slots by their start, and on another grid two of them could
 * overlap. Other hours are another resource. So a booking need not be conditioned on it.
 */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;

const resource = z
  .object({
    version: z.int().min(1),
    id: z.string(),
    name: z.string(),
    slotMinutes: z.int().min(5).max(minutesOfDay),
    /** Minutes after midnight. */
    openFromMinute: z.int().min(0).max(minutesOfDay),
    openUntilMinute: z.int().min(0).max(minutesOfDay),
  })
  .refine(({ openFromMinute, openUntilMinute }) => openFromMinute < openUntilMinute);

export type Resource = z.infer<typeof resource>;

/** Undefined for no item. @throws ZodError for one in another format. */
export const readResource = (item: Item | undefined): Resource | undefined =>
  item && resource.parse(item);

export const resourceId = z.string().min(1).max(64);

/** Whole seconds, so that a slot has one name: `2030-01-07T09:00:00Z`. */
export const instant = z.iso.datetime({ precision: 0 });

export const toInstant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export const slotEndMs = ({ slotMinutes }: Resource, startMs: number): number =>
  startMs + slotMinutes * minuteMs;

/** Whether a slot starts then. */
export function isSlotStart({ slotMinutes, ...open }: Resource, startMs: number): boolean {
  const { openFromMinute, openUntilMinute } = open;
  const minute = (startMs - startOfDayMs(startMs)) / minuteMs;
  return (
    minute >= openFromMinute &&
    minute + slotMinutes <= openUntilMinute &&
    (minute - openFromMinute) % slotMinutes === 0
  );
}

/** Starts of the slots that lie whole between two instants, ascending. */
export function slotStartsBetween(
  of: Resource,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly number[] {
  const { slotMinutes, openFromMinute, openUntilMinute } = of;
  const slotsOfDay = Math.floor((openUntilMinute - openFromMinute) / slotMinutes);
  const starts: number[] = [];
  for (let dayMs = startOfDayMs(fromMs); dayMs < toMs; dayMs += minutesOfDay * minuteMs)
    for (let nth = 0; nth < slotsOfDay; nth++)
      starts.push(dayMs + (openFromMinute + nth * slotMinutes) * minuteMs);
  return starts.filter((startMs) => startMs >= fromMs && slotEndMs(of, startMs) <= toMs);
}

const startOfDayMs = (ms: number): number =>
  Math.floor(ms / (minutesOfDay * minuteMs)) * minutesOfDay * minuteMs;
