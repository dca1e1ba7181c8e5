/** Worker of `violation:record`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { worker } from '../worker.ts';
import { recordViolation } from './violation-record.ts';

const environment = readEnv('violation-record', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = worker(environment, 'violation:record', {
  events: ['tenant.violated'],
  store,
  decide: async (event) => recordViolation(event),
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'violation:record' })
      : undefined,
});
