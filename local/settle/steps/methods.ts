import {
  type APIGatewayClient,
  GetMethodCommand,
  GetRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';

/** Where a method is, in a template. */
export const methodAddress = z.object({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
});

/** Where a method is, for the API: the root has an id that only the API can tell. */
export async function toMethodAddress(
  client: APIGatewayClient,
  { RestApiId: restApiId, ResourceId, HttpMethod: httpMethod }: z.infer<typeof methodAddress>,
): Promise<{ restApiId: string; resourceId: string | undefined; httpMethod: string }> {
  if (!ResourceId.endsWith('.RootResourceId'))
    return { restApiId, resourceId: ResourceId, httpMethod };
  const { rootResourceId } = await client.send(new GetRestApiCommand({ restApiId }));
  return { restApiId, resourceId: rootResourceId, httpMethod };
}

/** Whom the gateway lets through to a method. */
export const methods = step({
  name: 'method',
  type: 'AWS::ApiGateway::Method',
  properties: methodAddress.extend({
    ApiKeyRequired: z.boolean().default(false),
    AuthorizationType: z.string(),
  }),
  wanted: ({ ApiKeyRequired, AuthorizationType }) => ({
    'API key required': ApiKeyRequired,
    authorization: AuthorizationType,
  }),
  async read({ apiGateway }, properties) {
    const found = await apiGateway.send(
      new GetMethodCommand(await toMethodAddress(apiGateway, properties)),
    );
    return { 'API key required': found.apiKeyRequired, authorization: found.authorizationType };
  },
});
