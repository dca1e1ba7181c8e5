/** Who calls in a load test: for each script its callers, by the name that the script has for them. */

import { UsageError } from '#ops/usage-error.ts';
import type { Bearer } from '#shared/auth/token.ts';

type Callers = Readonly<Record<string, Bearer>>;

/**
 * Users in braces are new in every run, so that nobody has used up what is theirs. `load` is a tenant
 * whose limits a load test does not reach.
 */
const callersOfScripts: Readonly<Record<string, Callers>> = {
  bursts: {
    flood: { tenant: 'acme', user: '{flood}', role: 'user' },
    neighbour: { tenant: 'acme', user: '{neighbour}', role: 'user' },
    steady: { tenant: 'acme', user: '{steady}', role: 'user' },
    reporter: { tenant: 'acme', user: '{reporter}', role: 'admin' },
    secretary: { tenant: 'acme', user: '{secretary}', role: 'admin' },
    free: { tenant: 'initech', user: '{free}', role: 'user' },
    freeToo: { tenant: 'initech', user: '{free-too}', role: 'user' },
    stranger: { tenant: 'load', user: '{stranger}', role: 'user' },
  },
  shedding: {
    customer: { tenant: 'load', user: 'u1', role: 'user' },
    admin: { tenant: 'load', user: 'admin', role: 'admin' },
    operator: { tenant: 'load', user: 'operator', role: 'service' },
  },
};

/** Empty for a script that asks for none. `run` names the run. */
export const callersOf = (script: string, run: string): Callers =>
  Object.fromEntries(
    Object.entries(callersOfScripts[script] ?? {}).map(([name, { user, ...rest }]) => [
      name,
      { ...rest, user: user.replace(/^\{(.+)\}$/, `$1-${run}`) },
    ]),
  );

export interface Credentials {
  /** By tenant. */
  readonly apiKeys: Readonly<Record<string, string>>;
  readonly tokenOf: (bearer: Bearer) => Promise<string>;
}

/**
 * For the environment of a script: `{ "<name>": { "apiKey": …, "token": … } }`, or undefined for one
 * without callers.
 *
 * @throws UsageError when a caller's tenant has no API key
 */
export async function credentialsOf(
  callers: Callers,
  { apiKeys, tokenOf }: Credentials,
): Promise<string | undefined> {
  const named = Object.entries(callers);
  const missing = new Set(named.map(([, { tenant }]) => tenant).filter((t) => !apiKeys[t]));
  if (missing.size > 0)
    throw new UsageError(`there is no API key of ${[...missing].join(', ')}: ask the local stack`);
  if (named.length === 0) return undefined;
  const entries = await Promise.all(
    named.map(async ([name, bearer]) => [
      name,
      { apiKey: apiKeys[bearer.tenant], token: await tokenOf(bearer) },
    ]),
  );
  return JSON.stringify(Object.fromEntries(entries));
}
