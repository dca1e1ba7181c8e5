/** Worker of `relay:deliver`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { lambdaClient } from '../lambda-recipient.ts';
import { relayChanges } from '../relay-changes.ts';
import { worker } from '../worker.ts';
import { lambdaRelayTarget } from './lambda-relay-target.ts';
import { concludeDelivery, deliver } from './relay-deliver.ts';

const environment = readEnv('relay-deliver', process.env);
const store = dynamoStore({ tables: environment.tables });
const target = lambdaRelayTarget({
  client: lambdaClient(),
  functionName: environment.functionNames['simulated-relay-target'],
});
const { acceptAgain } = relayChanges({ store });

export const handler = worker(environment, 'relay:deliver', {
  events: ['relay.accepted'],
  store,
  effect: (event, outside) => deliver(event, { target, acceptAgain }, outside),
  conclude: concludeDelivery,
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'relay:deliver' })
      : undefined,
});
