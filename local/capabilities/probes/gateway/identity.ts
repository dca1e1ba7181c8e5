/** Who calls: what the function is told of the key, and a function that decides who is let in. */
import { CreateAuthorizerCommand } from '@aws-sdk/client-api-gateway';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { createApi, createPlan, functionUri, stageUrl } from '../../lab/api.ts';
import type { DeployedFunction } from '../../lab/function.ts';
import type { Lab } from '../../lab.ts';
import type { Finding, Probe } from '../../probe.ts';
import { unlessRefused } from '../../refusal.ts';
import { call, expectStatus } from '../calls.ts';
import { mockMethod, restApi } from './template.ts';

const identityApiKey: Probe = async (lab) => {
  const behind = await lab.deployFunction({
    hint: 'behind',
    code: `
export const handler = async ({ requestContext }) =>
  ({ statusCode: 200, body: JSON.stringify(requestContext.identity) });`,
  });
  const api = await createApi(lab);
  await api.addMethod({
    path: '/keyed',
    behind: { function: behind },
    method: { apiKeyRequired: true },
  });
  const url = `${await api.deploy()}/keyed`;
  const { value } = await createPlan(lab, api);
  const { body } = await expectStatus(200, url, { headers: { 'x-api-key': value } });
  const { apiKey } = JSON.parse(body) as { apiKey?: string | null };
  return {
    does: apiKey === value,
    saw: `identity.apiKey is ${apiKey === value ? 'the key' : (apiKey ?? 'absent')}`,
  };
};

const doorkeeper = `
export const handler = async ({ headers, methodArn }) => ({
  principalId: 'caller',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{
      Action: 'execute-api:Invoke',
      Effect: (headers['let-me-in'] ?? headers['Let-Me-In']) === 'please' ? 'Allow' : 'Deny',
      Resource: methodArn,
    }],
  },
});`;

const header = (value: string): RequestInit => ({ headers: { 'let-me-in': value } });

async function decides(url: string): Promise<Finding> {
  const [please, now] = [await call(url, header('please')), await call(url, header('now'))];
  return {
    does: please.status === 200 && now.status === 403,
    saw: `whom it allows ${please.status}, whom it denies ${now.status}`,
  };
}

async function deployDoorkeeper(lab: Lab): Promise<DeployedFunction> {
  const made = await lab.deployFunction({ code: doorkeeper, hint: 'authorizer' });
  await lab.clients.lambda.send(
    new AddPermissionCommand({
      FunctionName: made.name,
      StatementId: 'gateway',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    }),
  );
  return made;
}

const identitySource = 'method.request.header.let-me-in';

/** @returns the address of a method behind it. */
async function guardedApi(lab: Lab): Promise<string> {
  const keeper = await deployDoorkeeper(lab);
  const api = await createApi(lab);
  const { id } = await lab.clients.apiGateway.send(
    new CreateAuthorizerCommand({
      restApiId: api.id,
      name: 'doorkeeper',
      type: 'REQUEST',
      authorizerUri: functionUri(lab.region, keeper.arn),
      identitySource,
      authorizerResultTtlInSeconds: 0,
    }),
  );
  await api.addMethod({
    path: '/guarded',
    behind: 'the gateway itself',
    method: { authorizationType: 'CUSTOM', authorizerId: id },
  });
  return `${await api.deploy()}/guarded`;
}

const requestAuthorizer: Probe = async (lab) => decides(await guardedApi(lab));

const authorizerIdentitySource: Probe = async (lab) => {
  const url = await guardedApi(lab);
  await expectStatus(200, url, header('please'));
  const { status } = await call(url);
  return { does: status === 401, saw: `a call without the header ${status}` };
};

const requestAuthorizerDeployed: Probe = async (lab) => {
  const keeper = await deployDoorkeeper(lab);
  return unlessRefused(async () => {
    const stack = await lab.deployStack({
      resources: {
        ...restApi({
          name: lab.name('api'),
          methods: {
            Guarded: mockMethod('guarded', {
              properties: { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } },
            }),
          },
        }),
        Authorizer: {
          Type: 'AWS::ApiGateway::Authorizer',
          Properties: {
            RestApiId: { Ref: 'Api' },
            Name: 'doorkeeper',
            Type: 'REQUEST',
            AuthorizerUri: functionUri(lab.region, keeper.arn),
            IdentitySource: identitySource,
            AuthorizerResultTtlInSeconds: 0,
          },
        },
      },
    });
    return decides(`${stageUrl(lab.endpoint, stack.physicalId('Api'))}/guarded`);
  });
};

export const identityProbes = {
  'identity-api-key': identityApiKey,
  'request-authorizer': requestAuthorizer,
  'authorizer-identity-source': authorizerIdentitySource,
  'request-authorizer-deployed': requestAuthorizerDeployed,
};
