/** GET /resources/{id}/availability */
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { resourceAddress } from '../domain/keys.ts';
import { readResource } from '../domain/resource.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';
import { readSlots, startsOf, toAvailability } from './get-availability.ts';

const environment = readEnv('get-availability', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller: { tenant }, input }) => {
  const resourceId = input.path.id;
  const resource = readResource(await store.read(resourceAddress(tenant, resourceId)));
  if (!resource) throw new Problem('not-found');
  const nowMs = Date.now();
  const starts = startsOf(resource, input.query, nowMs);
  const slots = await readSlots(store, { tenant, resourceId }, starts);
  return { status: 200, body: toAvailability(resource, starts, slots, nowMs) };
});
