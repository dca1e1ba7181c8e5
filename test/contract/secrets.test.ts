import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { memorySource } from '#shared/secrets/memory-source.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import { secretSourceContract } from './secret-source-contract.ts';

describe('a secret in memory', () =>
  secretSourceContract(async () => {
    const source = memorySource({ id: randomUUID(), value: 'one' });
    return {
      source,
      rotate: async (value) => source.rotate({ id: randomUUID(), value }),
    };
  }));

describe('a secret in Secrets Manager', () => {
  const client = secretsManagerClient();

  secretSourceContract(async () => {
    const secretId = `contract-${randomUUID()}`;
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString: 'one' }));
    return {
      source: secretsManagerSource({ client, secretId }),
      rotate: async (value) => {
        await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: value }));
      },
    };
  });

  it('that does not exist is an error, never an empty one', async () => {
    const source = secretsManagerSource({ client, secretId: `contract-${randomUUID()}` });
    await expect(source.read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('that holds bytes instead of text is an error', async () => {
    const secretId = `contract-${randomUUID()}`;
    await client.send(
      new CreateSecretCommand({ Name: secretId, SecretBinary: new Uint8Array([1]) }),
    );
    await expect(secretsManagerSource({ client, secretId }).read()).rejects.toThrow('no text');
  });
});
