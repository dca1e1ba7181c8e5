/**
 * The routes. A route is a row here and a folder of its name: functions/<name>/handler.ts.
 * Gateway, permissions, tests and docs/openapi.yaml are made from this table.
 */
import type { TokenRole as Role } from '#shared/auth/token.ts';

export type { Role };

export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** API Gateway's template: `/orders/{id}`. */
  readonly path: string;
  /** Who may call: anyone, or a bearer token with one of these roles. */
  readonly auth: 'anonymous' | readonly Role[];
  /** The gateway refuses calls without an API key of a usage plan. */
  readonly apiKeyRequired: boolean;
  /** Mutating routes need an Idempotency-Key. */
  readonly limitGroup: 'read' | 'write' | 'none';
  /** Longest time for an answer, the function's own timeout apart. */
  readonly budgetMs: number;
  /** Look for an earlier answer before the use case runs: half a read unit, paid back from about
   *  2 % duplicates. Only for mutating routes. */
  readonly peek?: boolean;
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
    budgetMs: 5_000,
    peek: false,
  },
  'list-orders': {
    method: 'GET',
    path: '/orders',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    budgetMs: 3_000,
  },
  'get-order': {
    method: 'GET',
    path: '/orders/{id}',
    auth: everyRole,
    apiKeyRequired: true,
    limitGroup: 'read',
    budgetMs: 3_000,
  },
  health: {
    method: 'GET',
    path: '/health',
    auth: 'anonymous',
    apiKeyRequired: false,
    limitGroup: 'none',
    budgetMs: 2_000,
  },
  'set-simulated-faults': {
    method: 'PUT',
    path: '/simulated/{name}/faults',
    auth: ['admin'],
    apiKeyRequired: true,
    limitGroup: 'none',
    budgetMs: 2_000,
    sandboxOnly: true,
  },
} as const satisfies Record<string, RouteRow>;

export type RouteName = keyof typeof routes;
