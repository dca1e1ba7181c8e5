/** A REST API of a few methods, its keys and plans, all gone with the probe. */
import {
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateUsagePlanCommand,
  type CreateUsagePlanCommandInput,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteRestApiCommand,
  DeleteUsagePlanCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  type PutMethodCommandInput,
  PutMethodResponseCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import type { Bench } from '../lab.ts';
import type { DeployedFunction } from './function.ts';

/** What stands behind a method: a function, or the gateway itself with an answer of 200. */
export type Behind =
  | { readonly function: DeployedFunction; readonly timeoutMs?: number }
  | 'the gateway itself';

export interface ApiMethod {
  readonly path: string;
  readonly httpMethod?: string;
  readonly behind: Behind;
  /** Of the answer that the gateway itself gives, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What else PutMethod takes: key, authorizer, validator, models. */
  readonly method?: Partial<PutMethodCommandInput>;
}

export interface Api {
  readonly id: string;
  addMethod(method: ApiMethod): Promise<void>;
  /** Makes what was added reachable. @returns the address of the stage, without a slash at its end. */
  deploy(): Promise<string>;
}

export const stageName = 'v1';

/** Both engines have an API there. */
export const stageUrl = (endpoint: string, apiId: string): string =>
  `${endpoint}/_aws/execute-api/${apiId}/${stageName}`;

export async function createApi(
  { clients: { apiGateway }, endpoint, region, name, later }: Bench,
  hint = 'api',
): Promise<Api> {
  const { id = '' } = await apiGateway.send(new CreateRestApiCommand({ name: name(hint) }));
  const restApiId = id;
  later(() => apiGateway.send(new DeleteRestApiCommand({ restApiId })));
  const { items = [] } = await apiGateway.send(new GetResourcesCommand({ restApiId }));
  const parentId = items.find(({ path }) => path === '/')?.id;
  if (parentId === undefined) throw new Error('a new API has no root');
  const resources = new Map<string, string>();

  const resourceOf = async (path: string): Promise<string> => {
    const known = resources.get(path);
    if (known !== undefined) return known;
    const { id: made = '' } = await apiGateway.send(
      new CreateResourceCommand({ restApiId, parentId, pathPart: path.slice(1) }),
    );
    resources.set(path, made);
    return made;
  };

  return {
    id,
    async addMethod({ path, httpMethod = 'GET', behind, headers = {}, method = {} }) {
      const place = { restApiId, resourceId: await resourceOf(path), httpMethod };
      await apiGateway.send(
        new PutMethodCommand({ authorizationType: 'NONE', ...method, ...place }),
      );
      if (behind !== 'the gateway itself') {
        const { function: called, timeoutMs } = behind;
        await apiGateway.send(
          new PutIntegrationCommand({
            ...place,
            type: 'AWS_PROXY',
            integrationHttpMethod: 'POST',
            uri: functionUri(region, called.arn),
            ...(timeoutMs !== undefined && { timeoutInMillis: timeoutMs }),
          }),
        );
        return;
      }
      await apiGateway.send(
        new PutIntegrationCommand({
          ...place,
          type: 'MOCK',
          passthroughBehavior: 'WHEN_NO_TEMPLATES',
          requestTemplates: { 'application/json': '{ "statusCode": 200 }' },
        }),
      );
      const entries = Object.entries(headers);
      const answer = { ...place, statusCode: '200' };
      await apiGateway.send(
        new PutMethodResponseCommand({
          ...answer,
          responseParameters: Object.fromEntries(
            entries.map(([header]) => [`method.response.header.${header}`, true]),
          ),
        }),
      );
      await apiGateway.send(
        new PutIntegrationResponseCommand({
          ...answer,
          responseTemplates: { 'application/json': '{}' },
          responseParameters: Object.fromEntries(
            entries.map(([header, value]) => [`method.response.header.${header}`, `'${value}'`]),
          ),
        }),
      );
    },
    async deploy() {
      await apiGateway.send(new CreateDeploymentCommand({ restApiId, stageName }));
      return stageUrl(endpoint, id);
    },
  };
}

/** What API Gateway calls a function by. */
export const functionUri = (region: string, functionArn: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly planId: string;
}

/** A key, and a plan of its own on the deployed stage. */
export async function createPlan(
  { clients: { apiGateway }, name, later }: Bench,
  api: Api,
  limits: Pick<CreateUsagePlanCommandInput, 'throttle' | 'quota'> = {},
): Promise<ApiKey> {
  const { id: planId = '' } = await apiGateway.send(
    new CreateUsagePlanCommand({
      name: name('plan'),
      ...limits,
      apiStages: [{ apiId: api.id, stage: stageName }],
    }),
  );
  // A plan cannot be deleted while it has a stage.
  later(async () => {
    await apiGateway.send(
      new UpdateUsagePlanCommand({
        usagePlanId: planId,
        patchOperations: [{ op: 'remove', path: '/apiStages', value: `${api.id}:${stageName}` }],
      }),
    );
    await apiGateway.send(new DeleteUsagePlanCommand({ usagePlanId: planId }));
  });
  const value = name('key').padEnd(30, '0');
  const { id = '' } = await apiGateway.send(
    new CreateApiKeyCommand({ name: value, value, enabled: true }),
  );
  later(() => apiGateway.send(new DeleteApiKeyCommand({ apiKey: id })));
  await apiGateway.send(
    new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId: id, keyType: 'API_KEY' }),
  );
  return { id, value, planId };
}
