/** The simulated target of the relay, invoked by its worker. */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { childOf, newTrace, readTraceparent } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { type RelayAnswer, simulatedRelayTarget } from './simulated-relay-target.ts';

const environment = readEnv('simulated-relay-target', process.env);
const signals = telemetry(environment);
const store = dynamoStore({ tables: environment.tables });

interface RelayCall {
  readonly key?: string;
  readonly traceparent?: string;
}

async function answer(call: RelayCall): Promise<RelayAnswer> {
  const caller = readTraceparent(call.traceparent);
  const { logger } = signals.scope({ trace: caller ? childOf(caller) : newTrace() });
  logger.info('job asked for', { key: call.key });
  const given = await simulatedRelayTarget(call, { store });
  logger.info(`job answered ${given.status}`, { key: call.key, repeated: given.repeated });
  return given;
}

export const handler = traced(environment, answer);
