/** POST /orders */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { orderAddress } from '../domain/keys.ts';
import { orderAggregate, orderEtag, toOrderItem, toOrderView } from '../domain/order.ts';
import { readPrices } from '../domain/ordering.ts';
import { readEnv } from '../env.ts';
import { linesProblem } from '../lines-problem.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { decideOrder } from './create-order.ts';

const environment = readEnv('create-order', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  entityAt: ({ tenant }, id) => orderAddress(tenant, id),
  async decide({ caller, input, trace, requestId: correlationId, delaySeconds }, reader, { id }) {
    const { tenant, user: userId } = caller;
    const prices = await readPrices(tenant, input.body.lines, reader);
    const decision = decideOrder(input.body, prices, { id, tenant, userId, nowMs: Date.now() });
    if ('refused' in decision) return { refused: linesProblem(decision.refused) };

    const { order } = decision;
    const created = {
      type: 'order.created',
      tenant,
      aggregate: orderAggregate(id),
      seq: order.version,
      data: { orderId: id, userId },
    } as const;
    return {
      answer: toOrderView(order),
      writes: [
        { put: toOrderItem(order), at: orderAddress(tenant, id), when: { absent: true } },
        publish(created, { trace, correlationId, delaySeconds }),
      ],
    };
  },
  // Relative to the request, whose path begins with the gateway's stage (RFC 9110 §10.2.2).
  headers: (order) => ({ location: `orders/${order.id}`, etag: orderEtag(order) }),
});
