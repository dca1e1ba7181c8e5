/** Has deployed functions call AWS at another address, and puts them back. */
import type { FunctionName } from '#functions/tables/functions.ts';
import { changeVariables, type Variables } from './function-variables.ts';

/**
 * Their environments get the new address as AWS_ENDPOINT_URL and in every URL of the old one: the SDK
 * calls a queue at the address in the queue's URL.
 *
 * @returns puts everything back as it was.
 */
export const throughEndpoint = (
  names: readonly FunctionName[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<() => Promise<void>> =>
  changeVariables(names, {
    change: (variables) => redirected(variables, { from, to }),
    asDeployed: (variables) => asDeployed(variables, from),
  });

/** Whoever redirected it before may have died over it; deployed functions have no such variable. */
export function asDeployed(
  { AWS_ENDPOINT_URL: earlier, ...rest }: Variables,
  from: string,
): Variables {
  if (!earlier) return rest;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, value.replaceAll(earlier, from)]),
  );
}

export function redirected(
  variables: Variables,
  { from, to }: { readonly from: string; readonly to: string },
): Variables {
  const port = (url: string) => new URL(url).port;
  // The engine is known by several names on the loopback.
  const old = new RegExp(`https?://(127\\.0\\.0\\.1|localhost):${port(from)}(?!\\d)`, 'g');
  return {
    ...Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replace(old, to)]),
    ),
    AWS_ENDPOINT_URL: to,
  };
}
