import { type GatewayResponseType, GetGatewayResponseCommand } from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';

const properties = z.object({
  RestApiId: z.string(),
  ResponseType: z.string(),
  StatusCode: z.string(),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
  ResponseTemplates: z.record(z.string(), z.string()).default({}),
});

/** What the gateway itself answers. */
export const gatewayResponses = step({
  name: 'gateway response',
  type: 'AWS::ApiGateway::GatewayResponse',
  properties,
  wanted: ({ StatusCode, ResponseParameters, ResponseTemplates }) => ({
    status: StatusCode,
    headers: sorted(ResponseParameters),
    templates: sorted(ResponseTemplates),
  }),
  async read({ apiGateway }, { RestApiId: restApiId, ResponseType }) {
    const found = await apiGateway.send(
      new GetGatewayResponseCommand({
        restApiId,
        responseType: ResponseType as GatewayResponseType,
      }),
    );
    return {
      status: found.statusCode,
      headers: sorted(found.responseParameters),
      templates: sorted(found.responseTemplates),
    };
  },
});

const sorted = (texts: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
