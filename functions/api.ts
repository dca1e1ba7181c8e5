/** A route's Lambda handler: the chain of shared/http with everything this service puts into it. */
import { verifyToken } from '#shared/auth/token.ts';
import type { Answer, Call } from '#shared/http/call.ts';
import { chain, type EdgeHandler } from '#shared/http/chain.ts';
import type { Asked } from '#shared/http/exchange.ts';
import type { Keyring } from '#shared/secrets/keyring.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import type { InputOf, RouteContract } from './contract.ts';
import type { Environment } from './env.ts';
import { keyrings } from './keyrings.ts';
import { toProblem } from './known-errors.ts';
import { pseudonymizer } from './pseudonymizer.ts';
import { type Role, type RouteName, type RouteRow, routes } from './tables/routes.ts';
import type { SecretName } from './tables/secrets.ts';
import { type Scope, telemetry } from './telemetry.ts';
import { traced } from './traced.ts';

export type Respond<Contract extends RouteContract> = (
  call: Call<InputOf<Contract>>,
  scope: Scope,
) => Promise<Answer>;

/** What tests put in place of the deployed things. */
export interface ApiParts {
  readonly signals?: ReturnType<typeof telemetry>;
  readonly keys?: Keys;
}

type Keys = Readonly<Partial<Record<SecretName, Keyring>>>;

/** @throws RangeError when the route checks tokens and its function's row has no secret for it. */
export function api<Name extends RouteName, Contract extends RouteContract>(
  environment: Pick<Environment<Name>, 'name' | 'secretIds' | 'tracing'>,
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

  const answering = chain<InputOf<Contract>>(
    {
      route: name,
      method,
      budgetMs,
      ifMatch,
      contract,
      access: auth === 'anonymous' ? auth : bearer(auth, keys, name),
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
