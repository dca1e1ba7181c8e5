import { randomUUID } from 'node:crypto';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { memoryRotatingSecret } from '#shared/secrets/memory-rotating-secret.ts';
import { secretsManagerRotatingSecret } from '#shared/secrets/secretsmanager-rotating-secret.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import { rotatingSecretContract } from './rotating-secret-contract.ts';

describe('a secret in memory that can be rotated', () =>
  rotatingSecretContract(async () => {
    const secret = memoryRotatingSecret({ id: randomUUID(), value: 'one' });
    return { secret, source: secret };
  }));

describe('a secret in Secrets Manager that can be rotated', () => {
  const client = secretsManagerClient();

  rotatingSecretContract(async () => {
    const secretId = `contract-${randomUUID()}`;
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString: 'one' }));
    return {
      secret: secretsManagerRotatingSecret({ client, secretId }),
      source: secretsManagerSource({ client, secretId }),
    };
  });

  it('that does not exist is an error, never one without versions', async () => {
    const secret = secretsManagerRotatingSecret({ client, secretId: `contract-${randomUUID()}` });
    await expect(secret.look()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
