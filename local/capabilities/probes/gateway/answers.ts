/** What the gateway answers by itself, and when. */
import {
  CreateModelCommand,
  CreateRequestValidatorCommand,
  PutGatewayResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { createApi, stageUrl } from '../../lab/api.ts';
import type { Lab } from '../../lab.ts';
import type { Finding, Probe } from '../../probe.ts';
import { call, expectStatus } from '../calls.ts';
import { mockMethod, restApi } from './template.ts';

const orderSchema = {
  type: 'object',
  required: ['quantity'],
  properties: { quantity: { type: 'integer' } },
};

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function validates(url: string): Promise<Finding> {
  await expectStatus(200, url, json({ quantity: 1 }));
  const { status } = await call(url, json({ quantity: 'many' }));
  return { does: status === 400, saw: `a body that fits 200, one that does not ${status}` };
}

const requestValidator: Probe = async (lab) => {
  const api = await createApi(lab);
  const { apiGateway } = lab.clients;
  const restApiId = api.id;
  await apiGateway.send(
    new CreateModelCommand({
      restApiId,
      name: 'Order',
      contentType: 'application/json',
      schema: JSON.stringify(orderSchema),
    }),
  );
  const { id } = await apiGateway.send(
    new CreateRequestValidatorCommand({ restApiId, name: 'body', validateRequestBody: true }),
  );
  await api.addMethod({
    path: '/orders',
    httpMethod: 'POST',
    behind: 'the gateway itself',
    method: { requestValidatorId: id, requestModels: { 'application/json': 'Order' } },
  });
  return validates(`${await api.deploy()}/orders`);
};

const requestValidatorDeployed: Probe = async (lab) => {
  const stack = await lab.deployStack({
    resources: {
      ...restApi({
        name: lab.name('api'),
        methods: {
          Orders: mockMethod('orders', {
            httpMethod: 'POST',
            properties: {
              RequestValidatorId: { Ref: 'Validator' },
              RequestModels: { 'application/json': { Ref: 'Model' } },
            },
          }),
        },
      }),
      Model: {
        Type: 'AWS::ApiGateway::Model',
        Properties: {
          RestApiId: { Ref: 'Api' },
          Name: 'Order',
          ContentType: 'application/json',
          Schema: orderSchema,
        },
      },
      Validator: {
        Type: 'AWS::ApiGateway::RequestValidator',
        Properties: { RestApiId: { Ref: 'Api' }, Name: 'body', ValidateRequestBody: true },
      },
    },
  });
  return validates(`${stageUrl(lab.endpoint, stack.physicalId('Api'))}/orders`);
};

/** An API whose refusal of a call without a key has these templates. @returns its address. */
async function refusingApi(
  lab: Lab,
  templates: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const api = await createApi(lab);
  await api.addMethod({
    path: '/keyed',
    behind: 'the gateway itself',
    method: { apiKeyRequired: true },
  });
  await lab.clients.apiGateway.send(
    new PutGatewayResponseCommand({
      restApiId: api.id,
      responseType: 'INVALID_API_KEY',
      statusCode: '401',
      responseTemplates: templates,
      responseParameters: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          `gatewayresponse.header.${name}`,
          `'${value}'`,
        ]),
      ),
    }),
  );
  return `${await api.deploy()}/keyed`;
}

const gatewayResponse: Probe = async (lab) => {
  const templates = { 'application/json': '{ "words": "of our own" }' };
  const url = await refusingApi(lab, templates, { 'x-probe': 'seen' });
  const { status, headers, body } = await call(url);
  const had = [
    status === 401 && 'status',
    headers.get('x-probe') === 'seen' && 'header',
    body.includes('of our own') && 'body',
  ].filter((part) => part !== false);
  return {
    does: had.length === 3,
    saw:
      had.length === 3
        ? 'status, header and body as set'
        : `${status}; as set: ${had.join(', ') || 'nothing'}`,
  };
};

const gatewayResponseMediaType: Probe = async (lab) => {
  const [plain, problem] = ['application/json', 'application/problem+json'] as const;
  const url = await refusingApi(lab, {
    [plain]: `{ "as": "${plain}" }`,
    [problem]: `{ "as": "${problem}" }`,
  });
  const bodyFor = async (accept: string) => (await call(url, { headers: { accept } })).body;
  const [asPlain, asProblem] = [await bodyFor(plain), await bodyFor(problem)];
  const fits = (body: string, type: string) => body.includes(`"${type}"`);
  return {
    does: fits(asPlain, plain) && fits(asProblem, problem),
    saw: `whoever accepts ${problem} is answered ${asProblem.slice(0, 60)}`,
  };
};

const corsPreflight: Probe = async (lab) => {
  const origin = 'https://app.example.com';
  const api = await createApi(lab);
  await api.addMethod({
    path: '/shared',
    httpMethod: 'OPTIONS',
    behind: 'the gateway itself',
    headers: { 'Access-Control-Allow-Origin': origin },
  });
  await api.addMethod({ path: '/own', behind: 'the gateway itself' });
  const url = await api.deploy();
  const ask = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } };
  const [shared, own] = [await call(`${url}/shared`, ask), await call(`${url}/own`, ask)];
  const allowed = ({ headers }: { readonly headers: Headers }) =>
    headers.get('access-control-allow-origin');
  return {
    does: shared.status === 200 && allowed(shared) === origin && own.status === 403,
    saw: `${shared.status} allowing ${allowed(shared) ?? 'nothing'}; on a path without preflight ${own.status} allowing ${allowed(own) ?? 'nothing'}`,
  };
};

const unknownRoute: Probe = async (lab) => {
  const api = await createApi(lab);
  await api.addMethod({ path: '/known', behind: 'the gateway itself' });
  const url = await api.deploy();
  await expectStatus(200, `${url}/known`);
  const [path, method] = [
    await call(`${url}/unknown`),
    await call(`${url}/known`, { method: 'DELETE' }),
  ];
  return {
    does: path.status === 403 && method.status === 403,
    saw: `an unknown path ${path.status}, an unknown method ${method.status}`,
  };
};

const payloadLimit: Probe = async (lab) => {
  const api = await createApi(lab);
  await api.addMethod({ path: '/upload', httpMethod: 'POST', behind: 'the gateway itself' });
  const url = `${await api.deploy()}/upload`;
  const megabytes = (count: number) => json({ filler: 'x'.repeat(count * 1_000_000) });
  await expectStatus(200, url, megabytes(1));
  const { status } = await call(url, megabytes(11));
  return { does: status === 413, saw: `11 MB are answered with ${status}` };
};

export const answerProbes = {
  'request-validator': requestValidator,
  'request-validator-deployed': requestValidatorDeployed,
  'gateway-response': gatewayResponse,
  'gateway-response-media-type': gatewayResponseMediaType,
  'cors-preflight': corsPreflight,
  'unknown-route': unknownRoute,
  'payload-limit': payloadLimit,
};
