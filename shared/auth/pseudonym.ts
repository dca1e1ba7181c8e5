/** Names under which callers appear in logs: the same for the same caller, and nobody else's. */
import { createHmac } from 'node:crypto';

export interface Pseudonyms {
  readonly tenant: string;
  readonly user: string;
}

/**
 * 16 hex digits each, of HMAC-SHA256 under `key`. A user's covers the tenant, so that users of the
 * same name in two tenants are two.
 */
export const pseudonyms = (
  { tenant, user }: { readonly tenant: string; readonly user: string },
  key: string,
): Pseudonyms => ({
  tenant: hashed(key, 'tenant', tenant),
  user: hashed(key, 'user', tenant, user),
});

const hashed = (key: string, ...parts: readonly string[]): string =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex').slice(0, 16);
