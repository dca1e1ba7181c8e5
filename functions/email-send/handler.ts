/** Worker of `email:send`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { lambdaClient } from '../lambda-recipient.ts';
import { worker } from '../worker.ts';
import { sendEmail } from './email-send.ts';
import { lambdaMailer } from './lambda-mailer.ts';

const environment = readEnv('email-send', process.env);
const mailer = lambdaMailer({
  client: lambdaClient(),
  functionName: environment.functionNames['simulated-email'],
});

const store = dynamoStore({ tables: environment.tables });

export const handler = worker(environment, 'email:send', {
  events: ['order.confirmed', 'order.rejected', 'order.cancelled'],
  store,
  effect: (event, outside) => sendEmail(event, mailer, outside),
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'email:send' })
      : undefined,
});
