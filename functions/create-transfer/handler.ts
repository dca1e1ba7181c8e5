/** POST /transfers */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { transferAddress } from '../domain/keys.ts';
import { readTransfer } from '../domain/transfer.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { createTransfer } from './create-transfer.ts';

const environment = readEnv('create-transfer', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  entityAt: ({ tenant }, id) => transferAddress(tenant, id),
  decide: ({ caller, input, trace, requestId: correlationId }, reader, { id }) =>
    createTransfer(
      { caller, id, transfer: input.body, nowMs: Date.now() },
      { reader, publish: (happening) => publish(happening, { trace, correlationId }) },
    ),
  // A transfer never changes, so it is its own answer for as long as it exists.
  rebuild: async ({ caller }, { look }, { id }) =>
    readTransfer(await look(transferAddress(caller.tenant, id))),
});
