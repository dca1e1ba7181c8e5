/** A change of a booking: read, decided, and written together with its slots and its event. */
import type { Call, Caller } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import {
  type Booking,
  type BookingView,
  bookingAggregate,
  type Change,
  changedItem,
  readBooking,
  toBookingView,
} from './domain/booking.ts';
import { bookingAddress } from './domain/keys.ts';
import { maySee } from './domain/ownership.ts';
import type { Slots } from './domain/slot.ts';
import { publish } from './publish.ts';

export interface BookingChange {
  readonly change: (stored: Booking, nowMs: number) => Change;
  /** What becomes of its slots. Each has its own condition. */
  readonly slots: (of: Slots, nowMs: number) => readonly Write[];
  readonly event: 'booking.confirmed' | 'booking.released';
}

export interface ChangedBooking extends Pick<Call, 'trace' | 'requestId'> {
  readonly caller: Caller;
  readonly id: string;
  readonly nowMs: number;
}

export async function changeBooking(
  { change, slots, event }: BookingChange,
  { caller, id, nowMs, trace, requestId: correlationId }: ChangedBooking,
  { read }: UnitReader,
): Promise<Decision<BookingView, Problem>> {
  const { tenant } = caller;
  const at = bookingAddress(tenant, id);
  const item = await read(at);
  const stored = item && readBooking(item);
  if (!stored || !maySee(caller, stored)) return { refused: new Problem('not-found') };

  const decided = change(stored, nowMs);
  if ('refused' in decided) return { refused: new Problem(decided.refused) };
  if ('unchanged' in decided) return { answer: toBookingView(decided.unchanged), writes: [] };

  const booking = decided.changed;
  const happened = {
    type: event,
    tenant,
    aggregate: bookingAggregate(id),
    seq: booking.version,
    data: { bookingId: id, userId: booking.userId },
  } as const;
  return {
    answer: toBookingView(booking),
    writes: [
      { put: changedItem(item, booking), at },
      ...slots({ ...booking, bookingId: id }, nowMs),
      publish(happened, { trace, correlationId }),
    ],
  };
}
