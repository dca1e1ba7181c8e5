/** GET /orders/{id} */
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { orderAddress } from '../domain/keys.ts';
import { orderEtag, readOrder, toOrderView } from '../domain/order.ts';
import { maySee } from '../domain/ownership.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-order', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller, input }) => {
  const item = await store.read(orderAddress(caller.tenant, input.path.id));
  const order = item && readOrder(item);
  // Another user's order is not there, rather than forbidden: its existence is none of their business.
  if (!order || !maySee(caller, order)) throw new Problem('not-found');
  return { status: 200, headers: { etag: orderEtag(order) }, body: toOrderView(order) };
});
