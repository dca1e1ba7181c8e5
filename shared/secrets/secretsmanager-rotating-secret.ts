import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { RotatingSecret } from './rotating-secret.ts';

export interface SecretsManagerRotatingSecretOptions {
  readonly client: SecretsManagerClient;
  /** Name or ARN. */
  readonly secretId: string;
}

/** A secret of AWS Secrets Manager, of text. A rotation's ClientRequestToken is the id of its version. */
export function secretsManagerRotatingSecret({
  client,
  secretId: SecretId,
}: SecretsManagerRotatingSecretOptions): RotatingSecret {
  return {
    async look() {
      const { RotationEnabled = false, VersionIdsToStages = {} } = await client.send(
        new DescribeSecretCommand({ SecretId }),
      );
      const labelled = (label: string) =>
        Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes(label));
      const current = labelled('AWSCURRENT');
      if (current === undefined) throw new Error(`${SecretId} has no current version`);
      return { enabled: RotationEnabled, current, pending: labelled('AWSPENDING') };
    },
    async value(VersionId) {
      try {
        const { SecretString } = await client.send(
          new GetSecretValueCommand({ SecretId, VersionId }),
        );
        return SecretString;
      } catch (error) {
        // Said of a version without a value as well; were it the secret that is missing, `look` says so.
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async fill(ClientRequestToken, SecretString) {
      try {
        const VersionStages = ['AWSPENDING'];
        await client.send(
          new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }),
        );
        return true;
      } catch (error) {
        if (error instanceof ResourceExistsException) return false;
        throw error;
      }
    },
    async promote(MoveToVersionId, RemoveFromVersionId) {
      try {
        const VersionStage = 'AWSCURRENT';
        await client.send(
          new UpdateSecretVersionStageCommand({
            ...{ SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId },
          }),
        );
        return true;
      } catch (error) {
        // It says so of a label that is elsewhere by now, which a second look tells from other mistakes.
        if (error instanceof InvalidParameterException) return false;
        throw error;
      }
    },
  };
}
