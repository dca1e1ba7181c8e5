/** GET /orders */
import type { Caller } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { api, type Respond } from '../api.ts';
import { toOrderView } from '../domain/order.ts';
import { maySee } from '../domain/ownership.ts';
import { readEnv } from '../env.ts';
import { keyrings } from '../keyrings.ts';
import { listCursors } from '../list-cursors.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';
import { listPosition, type OrderList, pageOfOrders } from './list-orders.ts';

const environment = readEnv('list-orders', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);
const { listen } = signals.scope({ trace: newTrace() });
const keys = keyrings({ secretIds: environment.secretIds, listen });
const cursors = listCursors(keys['list-cursors'], listPosition);

const respond: Respond<typeof contract> = async ({ caller, input }) => {
  const { limit, cursor, user } = input.query;
  const list = listFor(caller, user);
  const scope = scopeOf(list);
  const from = await cursors.open(cursor, scope);

  const { orders, next } = await pageOfOrders(store, list, { limit, ...(from && { from }) });
  return {
    status: 200,
    body: {
      orders: orders.map(toOrderView),
      ...(next && { next: await cursors.seal(next, scope) }),
    },
  };
};

export const handler = api(environment, contract, respond, { signals, keys });

function listFor(caller: Caller, user: string | undefined): OrderList {
  if (user !== undefined && !maySee(caller, { userId: user }))
    throw new Problem('forbidden', { detail: 'A user may only list their own orders.' });
  const userId = user ?? (caller.role === 'user' ? caller.user : undefined);
  return { tenant: caller.tenant, ...(userId !== undefined && { userId }) };
}

/** The list a cursor belongs to: with other parameters it is another list. */
const scopeOf = ({ tenant, userId }: OrderList): readonly string[] => [
  'list-orders',
  tenant,
  ...(userId === undefined ? [] : [userId]),
];
