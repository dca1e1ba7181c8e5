import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type ClientLimits, clientOptions } from '../aws/client-options.ts';
import type { SecretSource, SecretVersion } from './secret-source.ts';

/** Reading twice does no harm, so the SDK may retry. */
export const secretsManagerClient = (limits: ClientLimits = {}): SecretsManagerClient =>
  new SecretsManagerClient(clientOptions({ maxAttempts: 2, ...limits }));

export interface SecretsManagerSourceOptions {
  readonly client: SecretsManagerClient;
  /** Name or ARN. */
  readonly secretId: string;
}

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

/** A secret of AWS Secrets Manager: text, whose versions are named by Secrets Manager's version ids. */
export function secretsManagerSource({
  client,
  secretId,
}: SecretsManagerSourceOptions): SecretSource {
  async function version(stage: Stage): Promise<SecretVersion> {
    const { VersionId, SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage }),
    );
    if (!VersionId || !SecretString) throw new Error(`${stage} of ${secretId} holds no text`);
    return { id: VersionId, value: SecretString };
  }

  return {
    async read() {
      const [current, previous] = await Promise.all([
        version('AWSCURRENT'),
        version('AWSPREVIOUS').catch((error: unknown) => {
          // Said of the label here; were it the secret that is missing, AWSCURRENT says so too.
          if (error instanceof ResourceNotFoundException) return undefined;
          throw error;
        }),
      ]);
      // A rotation between the two reads shows one version under both labels.
      return previous && previous.id !== current.id ? { current, previous } : { current };
    },
  };
}
