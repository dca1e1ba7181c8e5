import { GetMethodCommand, UpdateMethodCommand } from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';
import { methodAddress, toMethodAddress } from './methods.ts';

/** What the gateway checks of a request before it starts a function. */
export const requestValidators = step({
  name: 'request validator',
  type: 'AWS::ApiGateway::Method',
  properties: methodAddress.extend({ RequestValidatorId: z.string().optional() }),
  wanted: ({ RequestValidatorId }) => ({ 'request validator': RequestValidatorId }),
  async read({ apiGateway }, properties) {
    const { requestValidatorId } = await apiGateway.send(
      new GetMethodCommand(await toMethodAddress(apiGateway, properties)),
    );
    return { 'request validator': requestValidatorId };
  },
  apply: async ({ apiGateway }, { RequestValidatorId: value, ...address }) =>
    value !== undefined &&
    apiGateway.send(
      new UpdateMethodCommand({
        ...(await toMethodAddress(apiGateway, address)),
        patchOperations: [{ op: 'replace', path: '/requestValidatorId', value }],
      }),
    ),
});
