/** The keyrings of a function's secrets, one for each secret of its row. */
import { type Keyring, keyring } from '#shared/secrets/keyring.ts';
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

/** Nothing is read before a keyring is asked. */
export function keyrings<Name extends SecretName>({
  secretIds,
  listen,
}: KeyringsOptions<Name>): Readonly<Record<Name, Keyring>> {
  const client = secretsManagerClient();
  const rings = Object.entries<string>(secretIds).map(([subject, secretId]) => [
    subject,
    keyring({ source: secretsManagerSource({ client, secretId }), subject, listen }),
  ]);
  return Object.fromEntries(rings);
}
