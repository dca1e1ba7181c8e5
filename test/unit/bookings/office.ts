/** The booking routes and their sweeper over the store in memory, on a clock that a test moves. */

import { bookingSweeper } from '#functions/booking-sweeper/booking-sweeper.ts';
import { changeBooking } from '#functions/change-booking.ts';
import {
  decideHold,
  type HoldRefusal,
  holdWrites,
} from '#functions/create-booking/create-booking.ts';
import {
  type BookingView,
  confirm,
  readBooking,
  release,
  toBookingView,
} from '#functions/domain/booking.ts';
import { bookingAddress, resourceAddress, slotAddress } from '#functions/domain/keys.ts';
import { type Resource, readResource, toInstant } from '#functions/domain/resource.ts';
import { confirmSlots, freeSlots, readSlot } from '#functions/domain/slot.ts';
import { publish } from '#functions/publish.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Problem } from '#shared/http/problem.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import { claim } from '#shared/lease/claim.ts';
import { leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import { type MemoryStoreOptions, memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

export const tenant = 'acme';
export const slotMs = 1_800_000;
export const openMs = Date.UTC(2030, 0, 7, 8);

export const room: Resource = {
  version: 1,
  id: 'room',
  name: 'A room',
  slotMinutes: 30,
  openFromMinute: 8 * 60,
  openUntilMinute: 18 * 60,
};

/** The nth slot of the day. */
export const slot = (nth: number): string => toInstant(openMs + nth * slotMs);

export type Answer<R> = { readonly booking: BookingView } | { readonly refused: R };

export async function office(options: MemoryStoreOptions = {}) {
  const clock = { nowMs: Date.UTC(2030, 0, 1) };
  const store = memoryStore({ now: () => clock.nowMs, ...options });
  await store.write({ put: room, at: resourceAddress(tenant, room.id) });
  const trace = { trace: newTrace(), correlationId: 'request-1', now: () => clock.nowMs };
  const units = unitOfWork({
    store,
    recordsTable: 'state',
    sleep: async () => {},
    now: () => clock.nowMs,
  });
  let keys = 0;

  const request = (key: string) => ({
    key,
    fingerprint: 'f',
    deadline: deadline({ inMs: 60_000 }),
    subject: 'booking',
  });

  /** `skewMs`: how far this function's clock is ahead. */
  async function hold(
    slots: readonly string[],
    { userId = 'u1', holdForSeconds = 600, skewMs = 0, key = `key-${++keys}` } = {},
  ): Promise<Answer<HoldRefusal>> {
    const id = uuidV8Of(key);
    const outcome = await units.run<BookingView, HoldRefusal>(
      { ...request(key), entityAt: bookingAddress(tenant, id) },
      async ({ look }) => {
        const resource = readResource(await look(resourceAddress(tenant, room.id)));
        const found = [];
        for (const start of slots)
          found.push(readSlot(await look(slotAddress(tenant, room.id, start))));
        const nowMs = clock.nowMs + skewMs;
        const decided = decideHold(
          { resourceId: room.id, slots: [...slots], holdForSeconds },
          { resource, slots: found },
          { id, tenant, userId, nowMs },
        );
        if ('refused' in decided) return decided;
        const { booking } = decided;
        return { answer: toBookingView(booking), writes: holdWrites(booking, nowMs) };
      },
    );
    return outcome.how === 'refused' ? { refused: outcome.refusal } : { booking: outcome.answer };
  }

  const changing =
    (change: Parameters<typeof changeBooking>[0]) =>
    async (
      id: string,
      { user = 'u1', skewMs = 0, key = `key-${++keys}` } = {},
    ): Promise<Answer<string>> => {
      const outcome = await units.run<BookingView, Problem>(
        { ...request(key), retainMs: 86_400_000 },
        (reader) =>
          changeBooking(
            change,
            {
              id,
              caller: { tenant, user, role: 'user' },
              nowMs: clock.nowMs + skewMs,
              trace: trace.trace,
              requestId: 'request-1',
            },
            reader,
          ),
      );
      return outcome.how === 'refused'
        ? { refused: outcome.refusal.slug }
        : { booking: outcome.answer };
    };

  const sweep = ({ skewMs = 0, hasTime = (): boolean => true } = {}) =>
    bookingSweeper({
      store,
      claim: claim({
        mutex: mutex({
          store,
          leases: leases({ store, table: 'lease', now: () => clock.nowMs }),
          holdMs: 15_000,
        }),
      }),
      publish: (happening) => publish(happening, trace),
      now: () => clock.nowMs + skewMs,
    })(hasTime);

  return {
    clock,
    store,
    hold,
    confirm: changing({ change: confirm, slots: confirmSlots, event: 'booking.confirmed' }),
    release: changing({ change: release, slots: freeSlots, event: 'booking.released' }),
    sweep,
    /** What stands in the table, whatever the time. */
    async stored(id: string) {
      const item = await store.read(bookingAddress(tenant, id));
      return item && readBooking(item);
    },
    owner: async (start: string) =>
      readSlot(await store.read(slotAddress(tenant, room.id, start)))?.bookingId,
    events: () =>
      store.items('outbox').map(({ type, aggregate, seq }) => `${aggregate} ${type} ${seq}`),
  };
}

export function booked<R>(answer: Answer<R>): BookingView {
  if ('refused' in answer) throw new Error(`refused: ${JSON.stringify(answer.refused)}`);
  return answer.booking;
}
