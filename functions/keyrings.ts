/** The keyrings of a function's secrets, one for each secret of its row. */
import { type Keyring, type KeyringOptions, keyring } from '#shared/secrets/keyring.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import type { Listener } from '#shared/telemetry/resilience-event.ts';
import type { SecretName } from './tables/secrets.ts';

export interface KeyringsOptions<Name extends SecretName> {
  /** As in the function's environment. */
  readonly secretIds: Readonly<Record<Name, string>>;
  readonly listen: Listener;
}

type Patience = Pick<KeyringOptions, 'firstPatienceMs' | 'retryEveryMs'>;

/** Tokens and cursors are nothing without their secret. A log line only lacks its names. */
export const patience: Readonly<Partial<Record<SecretName, Patience>>> = {
  pseudonyms: { firstPatienceMs: 250, retryEveryMs: 10_000 },
};

/** Nothing is read before a keyring is asked. */
export function keyrings<Name extends SecretName>({
  secretIds,
  listen,
}: KeyringsOptions<Name>): Readonly<Record<Name, Keyring>> {
  const client = secretsManagerClient();
  const rings = Object.entries<string>(secretIds).map(([subject, secretId]) => [
    subject,
    keyring({
      source: secretsManagerSource({ client, secretId }),
      subject,
      listen,
      ...patience[subject as SecretName],
    }),
  ]);
  return Object.fromEntries(rings);
}
