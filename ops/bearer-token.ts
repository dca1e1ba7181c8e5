/** A bearer token as a stage's functions take it, signed with the stage's own secret. */
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type Bearer, signToken } from '#shared/auth/token.ts';
import { patience } from '#shared/aws/client-options.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';

/** @throws what Secrets Manager's client throws when the stage's secret cannot be read. */
export async function bearerToken(
  stage: Stage,
  bearer: Bearer,
  expiresInMs: number,
): Promise<string> {
  const client = secretsManagerClient(patience);
  const secretId = resourceName(stage, 'token-signing');
  const { current } = await secretsManagerSource({ client, secretId }).read();
  return signToken(bearer, { key: current, expiresInMs });
}
