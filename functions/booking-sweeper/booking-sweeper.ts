/**
 * Frees the slots of holds that have ended, and writes down that they lapsed. Nothing waits for it:
 * such slots can be taken, and such holds not confirmed, from the instant of their end.
 */
import type { Claim } from '#shared/lease/claim.ts';
import type { Guarded } from '#shared/lease/mutex.ts';
import type { Write } from '#shared/state/items.ts';
import type { ItemReader, RangeReader } from '#shared/state/store.ts';
import {
  asOf,
  type Booking,
  bookingAggregate,
  changedItem,
  readBooking,
} from '../domain/booking.ts';
import { bookingAddress, heldListPartition, heldListShards, slotAddress } from '../domain/keys.ts';
import { freeSlots, readSlot } from '../domain/slot.ts';
import { listSweep, type Swept } from '../list-sweep.ts';
import type { Happening } from '../publish.ts';

export interface BookingSweeperOptions {
  readonly store: ItemReader & RangeReader;
  /** Shards of the list of holds are its parts. */
  readonly claim: Claim;
  readonly publish: (happening: Happening<'booking.lapsed'>) => Write;
  readonly now?: () => number;
}

export interface Lapsed extends Omit<Swept, 'swept'> {
  readonly lapsed: number;
}

export function bookingSweeper({ store, claim, publish, now = Date.now }: BookingSweeperOptions) {
  /** Whether it was this run that wrote it down. */
  async function lapse(listed: Booking, { commit }: Guarded): Promise<boolean> {
    const at = bookingAddress(listed.tenant, listed.id);
    const item = await store.read(at);
    if (!item) return false;
    const stored = readBooking(item);
    const booking = asOf(stored, now());
    if (booking.version === stored.version) return false;
    const { id: bookingId, tenant, resourceId } = booking;
    const found = await Promise.all(
      booking.slots.map(async (start) =>
        readSlot(await store.read(slotAddress(tenant, resourceId, start))),
      ),
    );
    // The others were taken over since.
    const slots = booking.slots.filter((_, index) => found[index]?.bookingId === bookingId);
    const { applied } = await commit([
      {
        put: changedItem(item, booking),
        at,
        when: { where: { version: { equals: stored.version } } },
      },
      ...freeSlots({ tenant, resourceId, slots, bookingId }),
      publish({
        type: 'booking.lapsed',
        tenant,
        aggregate: bookingAggregate(bookingId),
        seq: booking.version,
        data: { bookingId, userId: booking.userId },
      }),
    ]);
    return applied;
  }

  const sweep = listSweep({
    store,
    claim,
    shards: Array.from({ length: heldListShards }, (_, shard) => heldListPartition(shard)),
    async sweepOne(item, held) {
      const listed = readBooking(item);
      if (asOf(listed, now()) === listed) return 'early';
      return (await lapse(listed, held)) ? 'swept' : 'changed';
    },
  });

  /** @throws AggregateError when a shard could not be swept. */
  return async (hasTime: () => boolean): Promise<Lapsed> => {
    const { swept: lapsed, ...rest } = await sweep(hasTime);
    return { lapsed, ...rest };
  };
}
