import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, ResourceExistsException } from '@aws-sdk/client-secrets-manager';
import { expect, inject, it, onTestFinished } from 'vitest';
import { resourceName } from '#functions/tables/names.ts';
import { token } from '#ops/token.ts';
import { verifyToken } from '#shared/auth/token.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';

it('npm run token prints a token that the running stack takes, and nothing else', async () => {
  const client = secretsManagerClient();
  const secretId = resourceName('local', 'token-signing');
  await client
    .send(new CreateSecretCommand({ Name: secretId, SecretString: 's'.repeat(64) }))
    .catch((error: unknown) => {
      if (!(error instanceof ResourceExistsException)) throw error;
    });
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const endpoint = inject('endpoint');
  writeFileSync(
    join(folder, 'local.json'),
    JSON.stringify({
      stage: 'local',
      apiUrl: endpoint,
      endpoint,
      region: inject('region'),
      engine: 'ministack',
      apiKeys: {},
      tenants: [],
      pids: [],
    }),
  );

  const printed: string[] = [];
  const code = await token(
    ['--tenant', 'acme', '--user', 'u1', '--role', 'admin', '--expires-in', '60'],
    { out: (text) => printed.push(text), err: (text) => printed.push(text) },
    { folder },
  );
  expect([code, printed.length]).toEqual([0, 1]);
  expect(printed[0]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const keys = keyring({ source: secretsManagerSource({ client, secretId }), subject: secretId });
  expect(await verifyToken(printed[0]?.trim() ?? '', keys)).toEqual({
    verified: true,
    caller: { tenant: 'acme', user: 'u1', role: 'admin' },
  });
});
