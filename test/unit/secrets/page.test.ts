/** The code and the figures of docs/patterns/secrets.md. */
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { keyring, longestStaleMs } from '#shared/secrets/keyring.ts';
import { rotation, rotationSteps } from '#shared/secrets/rotation.ts';
import type { SecretVersion } from '#shared/secrets/secret-source.ts';
import { secretsManagerRotatingSecret } from '#shared/secrets/secretsmanager-rotating-secret.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import { checkout } from '../house/sources.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const secretId = 'a-secret';
const sign = async ({ value }: SecretVersion) => createHmac('sha256', value).digest('hex');
const newValue = () => randomBytes(48).toString('base64url');
const verifies = async (key: SecretVersion, signature: string) => (await sign(key)) === signature;

it('reads a secret, and rotates it', async () => {
  const calls = mockClient(SecretsManagerClient);
  calls
    .on(GetSecretValueCommand, { VersionStage: 'AWSCURRENT' })
    .resolves({ VersionId: 'v1', SecretString: 'one' })
    .on(GetSecretValueCommand, { VersionStage: 'AWSPREVIOUS' })
    .rejects(new ResourceNotFoundException({ message: '', $metadata: {} }))
    .on(GetSecretValueCommand, { VersionId: 'v2' })
    .rejectsOnce(new ResourceNotFoundException({ message: '', $metadata: {} }))
    .on(DescribeSecretCommand)
    .resolves({
      RotationEnabled: true,
      VersionIdsToStages: { v1: ['AWSCURRENT'], v2: ['AWSPENDING'] },
    });
  const id = 'v1';
  const call = { Step: 'createSecret', ClientRequestToken: 'v2' };

  const client = secretsManagerClient();
  const keys = keyring({ source: secretsManagerSource({ client, secretId }), subject: 'signing' });

  const signing = await keys.current(); // sign with it, and name its id in what is signed

  const found = await keys.key(id); // the current or the previous version; undefined: no such key

  const rotate = rotation({
    secret: secretsManagerRotatingSecret({ client, secretId }),
    newValue, // such as 48 random bytes as text
    works: async (candidate) => verifies(candidate, await sign(candidate)),
    subject: 'signing',
  });

  const did = await rotate(call.Step, call.ClientRequestToken);
  expect([signing.value, found, did]).toEqual(['one', signing, 'made']);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('secrets'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});

it('has the steps and the longest memory on the page', () => {
  const page = readFileSync(join(checkout, 'docs/patterns/secrets.md'), 'utf8');
  for (const step of rotationSteps) expect(page).toContain(`| \`${step}\` |`);
  expect(page).toContain(`| ${longestStaleMs.toLocaleString('en')} | while the source fails`);
});
