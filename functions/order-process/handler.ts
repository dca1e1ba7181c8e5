/** Worker of `order:process`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { worker } from '../worker.ts';
import { processOrder } from './order-process.ts';

const environment = readEnv('order-process', process.env);

const store = dynamoStore({ tables: environment.tables });

export const handler = worker(environment, 'order:process', {
  events: ['order.created'],
  store,
  decide: (event, { reader, trace }) =>
    processOrder(event, {
      reader,
      publish: (happening) => publish(happening, { trace, correlationId: event.correlationId }),
    }),
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'order:process' })
      : undefined,
});
