/**
 * Frees the slots of holds that have ended, and writes down that they lapsed. Nothing waits for it:
 * such slots can be taken, and such holds not confirmed, from the instant of their end.
 */
import type { Claim } from '#shared/lease/claim.ts';
import { LeaseLostError } from '#shared/lease/heartbeat.ts';
import type { Guarded } from '#shared/lease/mutex.ts';
import type { Item, Write } from '#shared/state/items.ts';
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
import type { Happening } from '../publish.ts';

export interface BookingSweeperOptions {
  readonly store: ItemReader & RangeReader;
  /** Shards of the list of holds are its parts. */
  readonly claim: Claim;
  readonly publish: (happening: Happening<'booking.lapsed'>) => Write;
  readonly now?: () => number;
}

export interface Swept {
  readonly lapsed: number;
  /** Changed by somebody else meanwhile: the next run looks again. */
  readonly passedOver: number;
  /** Shards that another sweeper works on. */
  readonly skippedShards: number;
  readonly unfinished: boolean;
}

/** Holds read at once. */
const pageSize = 50;

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

  /** Of the listed hold: `lasts`, with all those behind it, `lapsed` by this run, or `changed` by another. */
  async function sweepHold(item: Item, held: Guarded): Promise<'lasts' | 'lapsed' | 'changed'> {
    const listed = readBooking(item);
    if (asOf(listed, now()) === listed) return 'lasts';
    return (await lapse(listed, held)) ? 'lapsed' : 'changed';
  }

  /** @throws AggregateError of holds that could not be freed, when all others are. */
  async function sweepShard(shard: string, held: Guarded, hasTime: () => boolean) {
    let lapsed = 0;
    let passedOver = 0;
    const failures: unknown[] = [];
    const done = (unfinished: boolean) => {
      if (failures.length > 0) throw new AggregateError(failures, 'holds that could not be freed');
      return { lapsed, passedOver, unfinished };
    };
    for (let after: Item | undefined; ; ) {
      const { items, next } = await store.page({
        table: 'domain',
        index: 'lists',
        partition: { name: 'listPk', value: shard },
        sort: { name: 'listSk' },
        limit: pageSize,
        ...(after && { after }),
      });
      for (const item of items) {
        if (!hasTime()) return done(true);
        const end = await sweepHold(item, held).catch((error: unknown) => {
          if (error instanceof LeaseLostError) throw error;
          // One that cannot be read must not keep those behind it waiting.
          failures.push(error);
          return undefined;
        });
        if (end === 'lasts') return done(false);
        if (end === 'lapsed') lapsed++;
        if (end === 'changed') passedOver++;
      }
      if (!next) return done(false);
      after = next;
    }
  }

  /** @throws AggregateError when a shard could not be swept. */
  return async (hasTime: () => boolean): Promise<Swept> => {
    const parts = Array.from({ length: heldListShards }, (_, shard) => heldListPartition(shard));
    const { done, skipped, left } = await claim({
      parts,
      hasTime,
      work: (shard, held) => sweepShard(shard, held, hasTime),
    });
    const sum = (of: 'lapsed' | 'passedOver') =>
      done.reduce((total, { result }) => total + result[of], 0);
    return {
      lapsed: sum('lapsed'),
      passedOver: sum('passedOver'),
      skippedShards: skipped.length,
      unfinished: left.length > 0 || done.some(({ result }) => result.unfinished),
    };
  };
}
