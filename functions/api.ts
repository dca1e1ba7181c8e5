/** A route's Lambda handler: the chain of shared/http with everything this service puts into it. */
import { verifyToken } from '#shared/auth/token.ts';
import type { Answer, Call } from '#shared/http/call.ts';
import { chain, type EdgeHandler } from '#shared/http/chain.ts';
import type { Asked } from '#shared/http/exchange.ts';
import type { Limit } from '#shared/http/rate-limit.ts';
import type { ShedOptions } from '#shared/http/shed.ts';
import type { Gauge } from '#shared/pressure/gauge.ts';
import type { Keyring } from '#shared/secrets/keyring.ts';
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import type { InputOf, RouteContract } from './contract.ts';
import type { Environment } from './env.ts';
import { keyrings } from './keyrings.ts';
import { toProblem } from './known-errors.ts';
import { routeLimits } from './limits.ts';
import { gaugeOf } from './pressure.ts';
import { pseudonymizer } from './pseudonymizer.ts';
import { type FunctionRow, functions } from './tables/functions.ts';
import { type Role, type RouteName, type RouteRow, routes } from './tables/routes.ts';
import type { SecretName } from './tables/secrets.ts';
import { type Scope, telemetry } from './telemetry.ts';
import { traced } from './traced.ts';
import { type RecordViolation, violations } from './violations.ts';

export type Respond<Contract extends RouteContract> = (
  call: Call<InputOf<Contract>>,
  scope: Scope,
) => Promise<Answer>;

/** What tests put in place of the deployed things. */
export interface ApiParts {
  readonly signals?: ReturnType<typeof telemetry>;
  readonly keys?: Keys;
  /** Also of a route that shows what its gauge says. */
  readonly gauge?: Gauge;
  readonly limit?: Limit;
  /** What its violations are written to. */
  readonly outbox?: ItemWriter;
}

/** What a route is given of its environment. */
export type RouteEnvironment<Name extends RouteName> = Pick<
  Environment<Name>,
  'name' | 'secretIds' | 'tracing'
> & {
  readonly queueUrls?: Readonly<Record<string, string>>;
  readonly tables?: Readonly<Record<string, string>>;
  readonly limitsTimeoutMs?: number;
};

type Keys = Readonly<Partial<Record<SecretName, Keyring>>>;

/** @throws RangeError when the route checks tokens, or reads the pressure, and its function's row does
 *  not have what that needs. */
export function api<Name extends RouteName, Contract extends RouteContract>(
  environment: RouteEnvironment<Name>,
  contract: Contract,
  respond: Respond<Contract>,
  parts: ApiParts = {},
): EdgeHandler {
  const { name, secretIds } = environment;
  const { method, path, auth, budgetMs, ifMatch }: RouteRow = routes[name];
  const { signals = telemetry({ name }) } = parts;
  // What happens to a keyring belongs to no request, so it has a trace of its own.
  const { listen } = signals.scope({ trace: newTrace() });
  const keys: Keys = parts.keys ?? keyrings({ secretIds, listen });
  const pseudonymize = keys.pseudonyms && pseudonymizer(keys.pseudonyms);

  /** Lines of one request: found by its trace, by its caller's pseudonyms, and by its id. */
  async function scopeOf({ arrival, caller }: Asked): Promise<Scope> {
    const known = caller && caller.role !== 'anonymous' ? await pseudonymize?.(caller) : undefined;
    return signals.scope({
      trace: arrival.trace,
      correlationId: arrival.requestId,
      fields: { route: name, ...known },
    });
  }

  // One for all that a call meets on its way in, made by the first that needs it.
  let made: DynamoStore | undefined;
  function storeOnTheWay(): DynamoStore {
    made ??= dynamoStore({ tables: environment.tables ?? {} });
    return made;
  }
  const gauge = (): Gauge => {
    const { queueUrls = {}, tables = {} } = environment;
    return parts.gauge ?? gaugeOf({ name, queueUrls, tables }, signals, storeOnTheWay());
  };
  let record: RecordViolation | undefined;

  const answering = chain<InputOf<Contract>>(
    {
      route: name,
      method,
      budgetMs,
      ifMatch,
      contract,
      access: auth === 'anonymous' ? auth : bearer(auth, keys, name),
      shed: shedding(name, signals, gauge),
      limit: parts.limit ?? limiting(environment, signals, storeOnTheWay),
      onViolation: async (violation, arrival) => {
        record ??= violations({ route: name, store: parts.outbox ?? storeOnTheWay() });
        await record(violation, arrival, await scopeOf({ arrival, caller: violation.by }));
      },
      toProblem,
      onExit: async ({ status, durationMs, problemSlug, ...asked }) => {
        const { logger, record } = await scopeOf(asked);
        record('Requests', 1, { route: name, outcome: outcomeOf(status) });
        record('RequestDuration', durationMs, { route: name });
        logger.info(`${method} ${path} ${status}`, {
          status,
          duration_ms: Math.round(durationMs),
          ...(problemSlug && { problem: problemSlug }),
        });
      },
      onFault: async (error, { slug, ...asked }) => {
        // Turned away on purpose, and counted as such: the line of its exit is enough.
        if (slug === 'overloaded') return;
        const { logger } = await scopeOf(asked);
        logger[slug === 'internal' ? 'error' : 'warn'](slug, asError(error));
      },
    },
    async (call) => respond(call, await scopeOf({ arrival: call, caller: call.caller })),
  );
  return traced(environment, answering);
}

const outcomeOf = (status: number): string =>
  status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed';

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('something other than an error was thrown');

/** Undefined for a route that no pressure is read for: it is never refused. */
function shedding(
  name: RouteName,
  signals: ReturnType<typeof telemetry>,
  gauge: () => Gauge,
): ShedOptions['shed'] {
  const { watches = [] }: FunctionRow = functions[name];
  if (watches.length === 0) return undefined;
  const { priority }: RouteRow = routes[name];
  const { record } = signals.scope({ trace: newTrace() });
  return {
    priority,
    gauge: gauge(),
    onShed: (shed) => record('CallsShed', 1, { priority: shed.priority }),
  };
}

/** Undefined for a route without limits. */
function limiting<Name extends RouteName>(
  { name, limitsTimeoutMs: timeoutMs }: RouteEnvironment<Name>,
  signals: ReturnType<typeof telemetry>,
  store: () => DynamoStore,
): Limit | undefined {
  const row: RouteRow = routes[name];
  if (row.limitGroup === 'none') return undefined;
  return routeLimits({
    store: store(),
    row,
    subject: name,
    // A store that is down, and a caller who sends too much, are no matter of one request.
    signals: signals.scope({ trace: newTrace() }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

function bearer(roles: readonly Role[], keys: Keys, name: RouteName) {
  const { 'token-signing': signing, pseudonyms } = keys;
  if (!signing) throw new RangeError(`${name} checks tokens, so its row needs token-signing`);
  const verify = (token: string) => {
    // Both secrets are read at once at a cold start: the first line waits for its names no longer.
    pseudonyms?.prepare();
    return verifyToken(token, signing);
  };
  return { roles, verify };
}
