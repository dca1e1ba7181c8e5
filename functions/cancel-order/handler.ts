/** DELETE /orders/{id} */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { orderEtag } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { cancelOrder } from './cancel-order.ts';
import { contract } from './contract.ts';

const environment = readEnv('cancel-order', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  decide: ({ caller, ifMatch, input, trace, requestId: correlationId, delaySeconds }, reader) =>
    cancelOrder(
      { caller, ifMatch, id: input.path.id },
      {
        reader,
        publish: (happening) => publish(happening, { trace, correlationId, delaySeconds }),
      },
    ),
  headers: (order) => ({ etag: orderEtag(order) }),
});
