/** Has deployed functions call AWS at another address, and puts them back. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { FunctionName } from '#functions/tables/functions.ts';
import { resourceName } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { stage } from './stage.ts';

type Variables = Readonly<Record<string, string>>;

/**
 * Their environments get the new address as AWS_ENDPOINT_URL and in every URL of the old one: the SDK
 * calls a queue at the address in the queue's URL. The engine starts each function anew after it.
 *
 * @returns puts everything back as it was.
 */
export async function throughEndpoint(
  names: readonly FunctionName[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<() => Promise<void>> {
  const client = new LambdaClient(clientOptions(patience));
  const before = new Map<FunctionName, Variables>();

  async function restore(): Promise<void> {
    for (const [name, variables] of before) await set(name, variables);
    client.destroy();
  }

  const set = (name: FunctionName, variables: Variables) =>
    client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: resourceName(stage, name),
        Environment: { Variables: { ...variables } },
      }),
    );

  try {
    for (const name of names) {
      const { Environment } = await client.send(
        new GetFunctionConfigurationCommand({ FunctionName: resourceName(stage, name) }),
      );
      const variables = asDeployed(Environment?.Variables ?? {}, from);
      before.set(name, variables);
      await set(name, redirected(variables, { from, to }));
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}

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
