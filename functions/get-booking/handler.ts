/** GET /bookings/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { asOf, readBooking, toBookingView } from '../domain/booking.ts';
import { bookingAddress } from '../domain/keys.ts';
import { maySee } from '../domain/ownership.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-booking', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller, input }) => {
  const item = await store.read(bookingAddress(caller.tenant, input.path.id));
  const booking = item && asOf(readBooking(item), Date.now());
  // Another user's booking is not there, rather than forbidden.
  if (!booking || !maySee(caller, booking)) throw new Problem('not-found');
  return {
    status: 200,
    headers: { etag: toEtag(booking.version) },
    body: toBookingView(booking),
  };
});
