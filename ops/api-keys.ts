/** The API keys of a stage's demo tenants, as its gateway knows them. Names are the stage's own. */
import { type APIGatewayClient, paginateGetApiKeys } from '@aws-sdk/client-api-gateway';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type DemoTenant, demoTenants } from '#functions/tables/tiers.ts';
import { StackMissingError } from './stack.ts';

/**
 * By tenant.
 *
 * @throws StackMissingError unless there is one for each, and what the gateway's client throws.
 */
export async function readApiKeys(
  stage: Stage,
  client: APIGatewayClient,
): Promise<Readonly<Record<DemoTenant, string>>> {
  const values = new Map<string, string>();
  // Others of the account have keys too, and their values are none of ours.
  const pages = paginateGetApiKeys(
    { client },
    { nameQuery: resourceName(stage, ''), includeValues: true },
  );
  for await (const { items = [] } of pages)
    for (const { name, value } of items) if (name && value) values.set(name, value);
  const keys = (Object.keys(demoTenants) as DemoTenant[]).map((tenant) => {
    const value = values.get(resourceName(stage, tenant));
    if (value) return [tenant, value] as const;
    throw new StackMissingError(
      `there is no API key ${resourceName(stage, tenant)} where these credentials and this region lead: do they belong to the account of stage ${stage}?`,
    );
  });
  return Object.fromEntries(keys) as Record<DemoTenant, string>;
}
