/** GET /resources/{id}/availability: a resource's slots in a window, and what stands at each. */
import type * as z from 'zod';
import type { RangeReader } from '#shared/state/store.ts';
import { slotPartition } from '../domain/keys.ts';
import { type Resource, slotStartsBetween, toInstant } from '../domain/resource.ts';
import { isFree, readSlot, type Slot } from '../domain/slot.ts';
import type { availability } from './contract.ts';

export type Availability = z.infer<typeof availability>;

/** More than a day has slots. */
const dayLimit = 300;

/** What stands at these slots: a query for each day. */
export async function readSlots(
  { page }: RangeReader,
  { tenant, resourceId }: { readonly tenant: string; readonly resourceId: string },
  starts: readonly string[],
): Promise<ReadonlyMap<string, Slot>> {
  const days = [...new Set(starts.map((start) => start.slice(0, 10)))];
  const pages = await Promise.all(
    days.map((day) =>
      page({
        table: 'domain',
        partition: { name: 'pk', value: slotPartition(tenant, resourceId, day) },
        sort: { name: 'sk' },
        limit: dayLimit,
        // So that a caller sees their own booking.
        consistent: true,
      }),
    ),
  );
  const slots = pages.flatMap(({ items }) =>
    items.map((item) => [String(item['sk']), readSlot(item) as Slot] as const),
  );
  return new Map(slots);
}

/** Starts of the slots in the window that have not begun. */
export const startsOf = (
  resource: Resource,
  { from, to }: { readonly from: string; readonly to: string },
  nowMs: number,
): readonly string[] =>
  slotStartsBetween(resource, { fromMs: Date.parse(from), toMs: Date.parse(to) })
    .filter((startMs) => startMs > nowMs)
    .map(toInstant);

export const toAvailability = (
  { id, name, slotMinutes }: Resource,
  starts: readonly string[],
  found: ReadonlyMap<string, Slot>,
  nowMs: number,
): Availability => ({
  resourceId: id,
  name,
  slotMinutes,
  slots: starts.map((start) => {
    const slot = found.get(start);
    if (isFree(slot, nowMs)) return { start, state: 'free' };
    return slot?.expiresAtMs === undefined
      ? { start, state: 'booked' }
      : { start, state: 'held', heldUntil: new Date(slot.expiresAtMs).toISOString() };
  }),
});
