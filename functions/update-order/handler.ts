/** PATCH /orders/{id} */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { orderEtag } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { updateOrder } from './update-order.ts';

const environment = readEnv('update-order', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  decide: ({ caller, ifMatch, input, trace, requestId: correlationId }, reader) =>
    updateOrder(
      { caller, ifMatch, id: input.path.id, patch: input.body },
      { reader, publish: (happening) => publish(happening, { trace, correlationId }) },
    ),
  headers: (order) => ({ etag: orderEtag(order) }),
});
