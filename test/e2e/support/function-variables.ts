/** Changes the environment variables of deployed functions, and puts them back. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import type { FunctionName } from '#functions/tables/functions.ts';
import { resourceName } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { stage } from './stage.ts';

export type Variables = Readonly<Record<string, string>>;

export interface Change {
  readonly change: (deployed: Variables) => Variables;
  /** What was deployed, of what is found: whoever changed it before may have died over it. */
  readonly asDeployed?: (found: Variables) => Variables;
}

/**
 * The engine starts each function anew after it.
 *
 * @returns puts everything back as it was.
 */
export async function changeVariables(
  names: readonly FunctionName[],
  { change, asDeployed = (found) => found }: Change,
): Promise<() => Promise<void>> {
  const client = new LambdaClient(clientOptions(patience));
  const before = new Map<FunctionName, Variables>();

  async function restore(): Promise<void> {
    for (const [name, variables] of before) await set(name, variables);
    client.destroy();
  }

  async function set(name: FunctionName, variables: Variables): Promise<void> {
    const FunctionName = resourceName(stage, name);
    const Environment = { Variables: { ...variables } };
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
    await waitUntilFunctionUpdatedV2(
      { client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 },
      { FunctionName },
    );
  }

  try {
    for (const name of names) {
      const { Environment } = await client.send(
        new GetFunctionConfigurationCommand({ FunctionName: resourceName(stage, name) }),
      );
      const variables = asDeployed(Environment?.Variables ?? {});
      before.set(name, variables);
      await set(name, change(variables));
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9';

const withoutHost = (url: string): string => `${nowhere}${new URL(url).pathname}`;

/** Neither AWS nor a queue can be reached. */
export const cutOff = (variables: Variables): Variables => ({
  ...Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      name.startsWith('QUEUE_URLS_') ? withoutHost(value) : value,
    ]),
  ),
  AWS_ENDPOINT_URL: nowhere,
});

/** One queue cannot be reached: `QUEUE_URLS_EMAIL_SEND`. */
export const cutOffFrom =
  (variable: string) =>
  (variables: Variables): Variables => ({
    ...variables,
    [variable]: withoutHost(variables[variable] ?? ''),
  });
