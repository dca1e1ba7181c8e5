/** POST /bookings */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { bookingAggregate, toBookingView } from '../domain/booking.ts';
import { bookingAddress, resourceAddress, slotAddress } from '../domain/keys.ts';
import { readResource } from '../domain/resource.ts';
import { readSlot } from '../domain/slot.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { decideHold, type HoldRefusal, holdWrites } from './create-booking.ts';

const environment = readEnv('create-booking', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  // The booking carries the record of its making. That some slot is taken does not get in its way:
  // after a refused commit the booking is looked for before anything is refused.
  entityAt: ({ tenant }, id) => bookingAddress(tenant, id),
  async decide({ caller, input, trace, requestId: correlationId }, { look }, { id }) {
    const { tenant, user: userId } = caller;
    const { resourceId, slots } = input.body;
    // Looked at, not conditioned on: a resource never changes, and slots are written conditionally.
    const [resource, ...found] = await Promise.all([
      look(resourceAddress(tenant, resourceId)).then(readResource),
      ...slots.map(async (start) => readSlot(await look(slotAddress(tenant, resourceId, start)))),
    ]);
    const nowMs = Date.now();
    const decision = decideHold(
      input.body,
      { resource, slots: found },
      { id, tenant, userId, nowMs },
    );
    if ('refused' in decision) return { refused: toProblem(decision.refused, slots) };

    const { booking } = decision;
    const held = {
      type: 'booking.held',
      tenant,
      aggregate: bookingAggregate(id),
      seq: booking.version,
      data: { bookingId: id, userId },
    } as const;
    return {
      answer: toBookingView(booking),
      writes: [...holdWrites(booking, nowMs), publish(held, { trace, correlationId })],
    };
  },
  headers: (booking) => ({ location: `bookings/${booking.id}`, etag: toEtag(booking.version) }),
});

const details = {
  'slot-repeated': 'is named twice',
  'slot-outside': 'is no slot of this resource, or has begun',
  'slots-not-contiguous': 'does not begin where another slot of the request ends',
  'slot-taken': 'is held or booked',
} as const;

function toProblem(refusal: HoldRefusal, slots: readonly string[]): Problem {
  const { because } = refusal;
  if (because === 'resource-unknown') {
    const detail = 'is no resource of this tenant';
    return new Problem(because, { extensions: { errors: [{ pointer: '/resourceId', detail }] } });
  }
  const errors = refusal.slots.map((index) => ({
    pointer: `/slots/${index}`,
    detail: `${slots[index]} ${details[because]}`,
  }));
  return new Problem(because, { extensions: { errors } });
}
