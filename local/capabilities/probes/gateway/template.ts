/** Resources of a small API, for CloudFormation. */

import { stageName } from '../../lab/api.ts';
import type { StackResource } from '../../lab/stack.ts';

export interface TemplateMethod {
  readonly pathPart: string;
  readonly httpMethod: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface RestApiTemplate {
  readonly name: string;
  /** By logical id. */
  readonly methods: Readonly<Record<string, TemplateMethod>>;
  readonly stage?: Readonly<Record<string, unknown>>;
}

/** The API has the logical id `Api`. */
export function restApi({
  name,
  methods,
  stage = {},
}: RestApiTemplate): Record<string, StackResource> {
  const Api = { Ref: 'Api' };
  const resources: Record<string, StackResource> = {
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: name } },
  };
  for (const [id, { pathPart, httpMethod, properties }] of Object.entries(methods)) {
    resources[`${id}Path`] = {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId: Api,
        ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
        PathPart: pathPart,
      },
    };
    resources[id] = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: Api,
        ResourceId: { Ref: `${id}Path` },
        HttpMethod: httpMethod,
        AuthorizationType: 'NONE',
        ...properties,
      },
    };
  }
  resources['Deployment'] = {
    Type: 'AWS::ApiGateway::Deployment',
    Properties: { RestApiId: Api },
    DependsOn: Object.keys(methods),
  };
  resources['Stage'] = {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: Api,
      DeploymentId: { Ref: 'Deployment' },
      StageName: stageName,
      ...stage,
    },
  };
  return resources;
}

/** A method that the gateway itself answers with 200. */
export const mockMethod = (
  pathPart: string,
  {
    httpMethod = 'GET',
    properties = {},
  }: Partial<Pick<TemplateMethod, 'httpMethod' | 'properties'>> = {},
): TemplateMethod => ({
  pathPart,
  httpMethod,
  properties: {
    Integration: {
      Type: 'MOCK',
      PassthroughBehavior: 'WHEN_NO_TEMPLATES',
      RequestTemplates: { 'application/json': '{ "statusCode": 200 }' },
      IntegrationResponses: [
        { StatusCode: '200', ResponseTemplates: { 'application/json': '{}' } },
      ],
    },
    MethodResponses: [{ StatusCode: '200' }],
    ...properties,
  },
});
