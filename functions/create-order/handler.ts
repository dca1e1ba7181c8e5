/** POST /orders */
import { Problem } from '#shared/http/problem.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { orderAddress } from '../domain/keys.ts';
import { orderAggregate, orderEtag, toOrderItem, toOrderView } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { decideOrder, type OrderRefusal, readPrices } from './create-order.ts';

const environment = readEnv('create-order', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  async decide({ caller, input, trace, requestId: correlationId }, reader) {
    const { tenant, user: userId } = caller;
    const prices = await readPrices(tenant, input.body, reader);
    const id = uuidV7();
    const decision = decideOrder(input.body, prices, { id, tenant, userId, nowMs: Date.now() });
    if ('refused' in decision) return { refused: toProblem(decision.refused) };

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
        publish(created, { trace, correlationId }),
      ],
    };
  },
  // Relative to the request, whose path begins with the gateway's stage (RFC 9110 §10.2.2).
  headers: (order) => ({ location: `orders/${order.id}`, etag: orderEtag(order) }),
});

const problemOf = {
  'unknown-items': { slug: 'item-unknown', detail: 'is no item of this tenant' },
  'mixed-currencies': {
    slug: 'currency-mixed',
    detail: 'is not priced in the currency of the first line',
  },
} as const satisfies Record<OrderRefusal['because'], { slug: ProblemSlug; detail: string }>;

function toProblem({ because, lines }: OrderRefusal): Problem {
  const { slug, detail } = problemOf[because];
  const errors = lines.map((line) => ({ pointer: `/lines/${line}/itemId`, detail }));
  return new Problem(slug, { extensions: { errors } });
}
