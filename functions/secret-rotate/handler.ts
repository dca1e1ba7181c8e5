/** Secrets Manager, for each step of a rotation: a new version of one of our secrets. */
import { secretsManagerRotatingSecret } from '#shared/secrets/secretsmanager-rotating-secret.ts';
import { secretsManagerClient } from '#shared/secrets/secretsmanager-source.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { secretRotate } from './secret-rotate.ts';

const environment = readEnv('secret-rotate', process.env);
const { secretIds } = environment;
const signals = telemetry(environment);
const client = secretsManagerClient();
const secretOf = (secretId: string) => secretsManagerRotatingSecret({ client, secretId });

async function rotateOneStep(call: unknown): Promise<void> {
  const { logger, listen } = signals.scope({ trace: newTrace() });
  const { secret, step, version, did } = await secretRotate({ secretIds, secretOf, listen })(call);
  logger.info('rotation step done', { secret, step, version, did });
}

export const handler = traced(environment, rotateOneStep);
