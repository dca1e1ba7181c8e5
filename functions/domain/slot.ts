/**
 * A slot's item: whose it is, and until when. There is one for each slot of a hold or a confirmed
 * booking, and none for a free one; it is what keeps two bookings from one slot.
 */
import * as z from 'zod';
import type { Item, Write } from '#shared/state/items.ts';
import { slotAddress } from './keys.ts';

const slot = z.object({
  bookingId: z.string(),
  /** The hold's end. Absent: confirmed, and nobody else's any more. */
  expiresAtMs: z.int().optional(),
});

export type Slot = z.infer<typeof slot>;

/** Undefined for a free slot. @throws ZodError for an item in another format. */
export const readSlot = (item: Item | undefined): Slot | undefined => item && slot.parse(item);

/** Whether another booking may have it: a hold that has ended keeps nobody out. */
export const isFree = (found: Slot | undefined, nowMs: number): boolean =>
  found?.expiresAtMs !== undefined ? found.expiresAtMs <= nowMs : found === undefined;

export interface Slots {
  readonly tenant: string;
  readonly resourceId: string;
  readonly slots: readonly string[];
  readonly bookingId: string;
}

const ofEach = (
  { tenant, resourceId, slots }: Slots,
  toWrite: (at: Write['at']) => Write,
): readonly Write[] => slots.map((start) => toWrite(slotAddress(tenant, resourceId, start)));

/** Only where they are free: then, not when they were looked at. */
export const holdSlots = (
  of: Slots,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): readonly Write[] =>
  ofEach(of, (at) => ({
    put: { bookingId: of.bookingId, expiresAtMs: untilMs },
    at,
    when: { lapsedAtMs: nowMs },
  }));

/** Only while they are held by this booking, and its hold has not ended. */
export const confirmSlots = (of: Slots, nowMs: number): readonly Write[] =>
  ofEach(of, (at) => ({
    put: { bookingId: of.bookingId },
    at,
    when: {
      where: { bookingId: { equals: of.bookingId }, expiresAtMs: { atLeast: nowMs + 1 } },
    },
  }));

/** Only where they are still this booking's. */
export const freeSlots = (of: Slots): readonly Write[] =>
  ofEach(of, (at) => ({
    remove: true,
    at,
    when: { where: { bookingId: { equals: of.bookingId } } },
  }));
