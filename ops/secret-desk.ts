/** The secrets of a stage as an operator has them: their versions and rotation, and no values. */
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type RotatedSecretName, type SecretName, secrets } from '#functions/tables/secrets.ts';
import { secretsManagerSource } from '#shared/secrets/secretsmanager-source.ts';
import { stageLambda, stageSecrets } from './stage-clients.ts';

export interface SecretState {
  /** Whether it is set up for rotation. */
  readonly enabled: boolean;
  readonly rotatedAtMs: number | undefined;
  readonly nextAtMs: number | undefined;
  readonly current: string | undefined;
  readonly previous: string | undefined;
  /** The version of a rotation under way; undefined when the last one has ended. */
  readonly pending: string | undefined;
}

export interface SecretDesk {
  state(name: SecretName): Promise<SecretState>;
  /** Begins a rotation. @returns the id of the version that it makes. */
  rotate(name: RotatedSecretName): Promise<string>;
  /** Whether a rotation has only copied the value, as engines do that call no function. */
  copied(name: RotatedSecretName): Promise<boolean>;
}

export function secretDesk(stage: Stage): SecretDesk {
  const client = stageSecrets();
  const lambda = stageLambda();
  const isLocal = stage === 'local';

  /** A stage on AWS has a schedule, which names the function. */
  async function withoutSchedule(name: RotatedSecretName) {
    const { FunctionArn } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: resourceName(stage, 'secret-rotate') }),
    );
    return {
      RotationLambdaARN: FunctionArn,
      RotationRules: { AutomaticallyAfterDays: secrets[name].rotatedEveryDays },
    };
  }

  return {
    async state(name) {
      const found = await client.send(
        new DescribeSecretCommand({ SecretId: resourceName(stage, name) }),
      );
      const { VersionIdsToStages: labels = {}, RotationEnabled: enabled = false } = found;
      const labelled = (label: string) =>
        Object.keys(labels).find((id) => labels[id]?.includes(label));
      const [current, pending] = [labelled('AWSCURRENT'), labelled('AWSPENDING')];
      return {
        enabled,
        rotatedAtMs: found.LastRotatedDate?.getTime(),
        nextAtMs: found.NextRotationDate?.getTime(),
        current,
        previous: labelled('AWSPREVIOUS'),
        // Secrets Manager may leave its label on the version that has become the current one.
        pending: pending === current ? undefined : pending,
      };
    },
    async rotate(name) {
      const { VersionId = '' } = await client.send(
        new RotateSecretCommand({
          SecretId: resourceName(stage, name),
          ...(isLocal && (await withoutSchedule(name))),
        }),
      );
      return VersionId;
    },
    async copied(name) {
      // On AWS nobody has to see a value, nor needs to be allowed to.
      if (!isLocal) return false;
      const secretId = resourceName(stage, name);
      const { current, previous } = await secretsManagerSource({ client, secretId }).read();
      return current.value === previous?.value;
    },
  };
}
