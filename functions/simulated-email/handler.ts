/** The simulated mail provider, invoked by whoever sends mail. */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { childOf, newTrace, readTraceparent } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { type MailAnswer, simulatedEmail } from './simulated-email.ts';

const environment = readEnv('simulated-email', process.env);
const signals = telemetry(environment);
const store = dynamoStore({ tables: environment.tables });

interface MailCall {
  readonly key?: string;
  readonly traceparent?: string;
}

async function answer(call: MailCall): Promise<MailAnswer> {
  const caller = readTraceparent(call.traceparent);
  const { logger } = signals.scope({ trace: caller ? childOf(caller) : newTrace() });
  logger.info('mail asked for', { key: call.key });
  const given = await simulatedEmail(call, { store });
  logger.info(`mail answered ${given.status}`, { key: call.key, repeated: given.repeated });
  return given;
}

export const handler = traced(environment, answer);
