/** POST /bookings/{id}/confirmation */
import { toEtag } from '#shared/http/if-match.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { changeBooking } from '../change-booking.ts';
import { confirm } from '../domain/booking.ts';
import { confirmSlots } from '../domain/slot.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';

const environment = readEnv('confirm-booking', process.env);
const store = dynamoStore({ tables: environment.tables });

const confirmation = { change: confirm, slots: confirmSlots, event: 'booking.confirmed' } as const;

export const handler = writeRoute(environment, contract, {
  store,
  decide: (call, reader) =>
    changeBooking(confirmation, { ...call, id: call.input.path.id, nowMs: Date.now() }, reader),
  headers: ({ version }) => ({ etag: toEtag(version) }),
});
