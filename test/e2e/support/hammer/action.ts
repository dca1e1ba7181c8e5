/** What a caller asks for, once: however often it is sent. */
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import type { Bearer } from '#shared/auth/token.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';

export interface Asked {
  readonly caller: Bearer;
  readonly route: RouteName;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly ifMatch?: number;
  /** A tenant that the call names besides its token's. */
  readonly naming?: string;
}

export interface Action extends Asked {
  /** Idempotency-Key. Unique for its caller and route only: others use the same ones. */
  readonly key: string;
  /** Times that it is sent at once. */
  readonly copies: number;
}

export const pathOf = ({ route, parameters = {} }: Asked): string =>
  routes[route].path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parameters[name] ?? ''),
  );

export const methodOf = ({ route }: Asked): RouteRow['method'] => routes[route].method;

/** The name of its record. */
export const recordKeyOf = ({ caller, route, key }: Pick<Action, 'caller' | 'route' | 'key'>) =>
  unitKey(caller.tenant, caller.user, `${routes[route].method} ${routes[route].path}`, key);

/** The id of what it makes, if it makes anything. */
export const madeIdOf = (action: Pick<Action, 'caller' | 'route' | 'key'>): string =>
  uuidV8Of(recordKeyOf(action));

export const nameOf = ({ caller, route, key }: Action): string =>
  `${route} ${caller.tenant}/${caller.user}/${key}`;
