/** What Secrets Manager answers and engines do not: texts that cannot be changed, labels, empty versions. */
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { secretsManagerRotatingSecret } from '#shared/secrets/secretsmanager-rotating-secret.ts';

const answer = { message: '', $metadata: {} };

function given() {
  const calls = mockClient(SecretsManagerClient);
  const client = new SecretsManagerClient({});
  return { calls, secret: secretsManagerRotatingSecret({ client, secretId: 'a-secret' }) };
}

describe('a secret in Secrets Manager, as a rotation sees it', () => {
  it('has a pending version that may be the current one, as after a rotation', async () => {
    const { calls, secret } = given();
    calls.on(DescribeSecretCommand).resolves({
      RotationEnabled: true,
      VersionIdsToStages: { v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'AWSPENDING'] },
    });
    expect(await secret.look()).toEqual({ enabled: true, current: 'v2', pending: 'v2' });
  });

  it('without a current version is an error', async () => {
    const { calls, secret } = given();
    calls.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { v1: ['AWSPENDING'] } });
    await expect(secret.look()).rejects.toThrow('a-secret has no current version');
  });

  it('has no text of a version that was only begun', async () => {
    const { calls, secret } = given();
    calls.on(GetSecretValueCommand).rejects(new ResourceNotFoundException(answer));
    expect(await secret.value('v2')).toBeUndefined();
    calls.on(GetSecretValueCommand).rejects(new InvalidRequestException(answer));
    await expect(secret.value('v2')).rejects.toThrow(InvalidRequestException);
  });

  it('fills a version under its own id, as pending, so that a repetition is the same call', async () => {
    const { calls, secret } = given();
    calls.on(PutSecretValueCommand).resolves({});
    expect(await secret.fill('v2', 'text')).toBe(true);
    expect(calls.commandCalls(PutSecretValueCommand)[0]?.args[0].input).toEqual({
      SecretId: 'a-secret',
      ClientRequestToken: 'v2',
      SecretString: 'text',
      VersionStages: ['AWSPENDING'],
    });
  });

  it('leaves a version the text it has', async () => {
    const { calls, secret } = given();
    calls.on(PutSecretValueCommand).rejects(new ResourceExistsException(answer));
    expect(await secret.fill('v2', 'other')).toBe(false);
    calls.on(PutSecretValueCommand).rejects(new InvalidRequestException(answer));
    await expect(secret.fill('v2', 'other')).rejects.toThrow(InvalidRequestException);
  });

  it('moves the label from one version to another, and says when it is no longer there', async () => {
    const { calls, secret } = given();
    calls.on(UpdateSecretVersionStageCommand).resolves({});
    expect(await secret.promote('v2', 'v1')).toBe(true);
    expect(calls.commandCalls(UpdateSecretVersionStageCommand)[0]?.args[0].input).toEqual({
      SecretId: 'a-secret',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: 'v2',
      RemoveFromVersionId: 'v1',
    });
    calls.on(UpdateSecretVersionStageCommand).rejects(new InvalidParameterException(answer));
    expect(await secret.promote('v2', 'v1')).toBe(false);
    calls.on(UpdateSecretVersionStageCommand).rejects(new ResourceNotFoundException(answer));
    await expect(secret.promote('v2', 'v1')).rejects.toThrow(ResourceNotFoundException);
  });
});
