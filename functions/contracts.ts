/** The contract of every route. A new route is a row here. */
import type { RouteContract } from './contract.ts';
import { contract as createOrder } from './create-order/contract.ts';
import { contract as getOrder } from './get-order/contract.ts';
import { contract as health } from './health/contract.ts';
import { contract as listOrders } from './list-orders/contract.ts';
import { contract as setSimulatedFaults } from './set-simulated-faults/contract.ts';
import type { RouteName } from './tables/routes.ts';

export const contracts = {
  'create-order': createOrder,
  'list-orders': listOrders,
  'get-order': getOrder,
  health,
  'set-simulated-faults': setSimulatedFaults,
} as const satisfies Record<RouteName, RouteContract>;
