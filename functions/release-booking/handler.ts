/** DELETE /bookings/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { changeBooking } from '../change-booking.ts';
import { release } from '../domain/booking.ts';
import { freeSlots } from '../domain/slot.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';

const environment = readEnv('release-booking', process.env);
const store = dynamoStore({ tables: environment.tables });

const releasing = { change: release, slots: freeSlots, event: 'booking.released' } as const;

export const handler = writeRoute(environment, contract, {
  store,
  decide: (call, reader) =>
    changeBooking(releasing, { ...call, id: call.input.path.id, nowMs: Date.now() }, reader),
  headers: ({ version }) => ({ etag: toEtag(version) }),
});
