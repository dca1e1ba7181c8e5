/**
 * The routes. A route is a row here and a folder of its name: functions/<name>/handler.ts.
 * Gateway, permissions, tests and docs/openapi.yaml are made from this table.
 */
import type { TokenRole as Role } from '#shared/auth/token.ts';
import type { Priority } from '#shared/pressure/priority.ts';

export type { Role };

export type LimitsDown = 'open' | 'closed' | 'insurance';

export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** API Gateway's template: `/orders/{id}`. */
  readonly path: string;
  /** Who may call: anyone, or a bearer token with one of these roles. */
  readonly auth: 'anonymous' | readonly Role[];
  /** The gateway refuses calls without an API key of a usage plan. */
  readonly apiKeyRequired: boolean;
  /** Which of the limits of user, tenant, address and service count its calls. */
  readonly limitGroup: 'read' | 'write' | 'none';
  /** Tokens that a call costs of each of them. Default 1. */
  readonly weight?: number;
  /** What becomes of a call that the limits' store does not answer for: `open` lets it pass, `closed`
   *  refuses it, `insurance` counts it in memory against a share of the limits. Default `insurance`. */
  readonly limitsDown?: LimitsDown;
  /** What is refused first when the queues are long. A caller may ask for less, never for more. */
  readonly priority: Priority;
  /** Longest time for an answer, the function's own timeout apart. */
  readonly budgetMs: number;
  /** Look for an earlier answer before the use case runs: half a read unit, paid back from about
   *  2 % duplicates. Only for mutating routes. */
  readonly peek?: boolean;
  /** It changes an entity that has an ETag: the request needs the one that was read. */
  readonly ifMatch?: boolean;
  /** Not deployed outside stages with simulated dependencies. */
  readonly sandboxOnly?: boolean;
}

const everyRole = ['user', 'admin', 'service'] as const satisfies readonly Role[];

export const routes = {
  'create-order': {
    method: 'POST',
    path: '/orders',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'NORMAL',
    budgetMs: 5_000,
    peek: false,
  },
  'list-orders': {
    method: 'GET',
    path: '/orders',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'NORMAL',
    budgetMs: 3_000,
  },
  'get-order': {
    method: 'GET',
    path: '/orders/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'HIGH',
    budgetMs: 3_000,
  },
  'update-order': {
    method: 'PATCH',
    path: '/orders/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'NORMAL',
    budgetMs: 5_000,
    ifMatch: true,
  },
  'cancel-order': {
    method: 'DELETE',
    path: '/orders/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'HIGH',
    budgetMs: 5_000,
    ifMatch: true,
  },
  'get-item': {
    method: 'GET',
    path: '/items/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'NORMAL',
    budgetMs: 3_000,
  },
  'update-item': {
    method: 'PUT',
    path: '/items/{id}',
    auth: ['admin', 'service'],
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'HIGH',
    budgetMs: 5_000,
    ifMatch: true,
  },
  'create-transfer': {
    method: 'POST',
    path: '/transfers',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'closed',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'get-account': {
    method: 'GET',
    path: '/accounts/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'HIGH',
    budgetMs: 3_000,
  },
  'cast-vote': {
    method: 'PUT',
    path: '/polls/{id}/vote',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'LOW',
    budgetMs: 5_000,
  },
  'withdraw-vote': {
    method: 'DELETE',
    path: '/polls/{id}/vote',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'LOW',
    budgetMs: 5_000,
  },
  'get-poll': {
    method: 'GET',
    path: '/polls/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'LOW',
    budgetMs: 3_000,
  },
  'redeem-coupon': {
    method: 'POST',
    path: '/coupons/{code}/redemptions',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'closed',
    priority: 'NORMAL',
    budgetMs: 5_000,
  },
  'claim-daily-reward': {
    method: 'POST',
    path: '/rewards/daily',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'closed',
    priority: 'LOW',
    budgetMs: 5_000,
  },
  'summarize-dead-letters': {
    method: 'GET',
    path: '/dlq',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'list-dead-letters': {
    method: 'GET',
    path: '/dlq/{queue}',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'get-dead-letter': {
    method: 'GET',
    path: '/dlq/{queue}/{id}',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 3_000,
  },
  'discard-dead-letter': {
    method: 'DELETE',
    path: '/dlq/{queue}/{id}',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'replay-dead-letters': {
    method: 'POST',
    path: '/dlq/{queue}/replays',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'get-dead-letter-replay': {
    method: 'GET',
    path: '/dlq/{queue}/replays/{id}',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 3_000,
  },
  'replay-outbox': {
    method: 'POST',
    path: '/outbox/replays',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'write',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 5_000,
  },
  'get-outbox-replay': {
    method: 'GET',
    path: '/outbox/replays/{id}',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 3_000,
  },
  'list-violations': {
    method: 'GET',
    path: '/violations',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 3_000,
  },
  'get-sales-report': {
    method: 'GET',
    path: '/reports/sales',
    auth: ['admin', 'service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    weight: 10,
    priority: 'LOW',
    budgetMs: 5_000,
  },
  'get-availability': {
    method: 'GET',
    path: '/resources/{id}/availability',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'NORMAL',
    budgetMs: 3_000,
  },
  'create-booking': {
    method: 'POST',
    path: '/bookings',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'NORMAL',
    budgetMs: 5_000,
  },
  'get-booking': {
    method: 'GET',
    path: '/bookings/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'HIGH',
    budgetMs: 3_000,
  },
  'confirm-booking': {
    method: 'POST',
    path: '/bookings/{id}/confirmation',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'HIGH',
    budgetMs: 5_000,
  },
  'release-booking': {
    method: 'DELETE',
    path: '/bookings/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'HIGH',
    budgetMs: 5_000,
  },
  'get-stats': {
    method: 'GET',
    path: '/stats',
    auth: ['service'],
    apiKeyRequired: true,
    limitGroup: 'read',
    limitsDown: 'open',
    priority: 'CRITICAL',
    budgetMs: 3_000,
  },
  'create-relay-job': {
    method: 'POST',
    path: '/relay',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'write',
    priority: 'NORMAL',
    budgetMs: 5_000,
  },
  'get-relay-job': {
    method: 'GET',
    path: '/relay/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    priority: 'HIGH',
    budgetMs: 3_000,
  },
  health: {
    method: 'GET',
    path: '/health',
    auth: 'anonymous',
    apiKeyRequired: false,
    limitGroup: 'none',
    priority: 'CRITICAL',
    budgetMs: 2_000,
  },
  'set-simulated-faults': {
    method: 'PUT',
    path: '/simulated/{name}/faults',
    auth: ['admin'],
    apiKeyRequired: true,
    limitGroup: 'none',
    priority: 'CRITICAL',
    budgetMs: 2_000,
    sandboxOnly: true,
  },
} as const satisfies Record<string, RouteRow>;

export type RouteName = keyof typeof routes;
