/** Whom a call is counted for: the layers of limits that it passes, and its key in each. */
import { createHash } from 'node:crypto';
import type { Arrival, Caller } from '#shared/http/call.ts';
import { clientAddress } from '#shared/rate-limit/client-address.ts';
import { type LimitLayer, planOfStrangers } from './tables/limits.ts';
import { demoTenants, type TierName } from './tables/tiers.ts';

export interface Counted {
  readonly layer: LimitLayer;
  readonly tier: string;
  readonly key: string;
}

type Came = Pick<Arrival, 'sourceIp'>;

/**
 * Narrowest first. Users and addresses stand hashed in their keys: all are of one length, nothing in
 * a name can reach into another, and no table shows them in the clear. Not to be taken for secrecy:
 * there are few addresses, and whoever has the table can try them all.
 */
export function countedFor({ tenant, user, role }: Caller, came: Came): readonly Counted[] {
  if (role === 'anonymous') return [strangerAt(came), everybody];
  const ofTenant = encodeURIComponent(tenant);
  const ofUser = `${ofTenant}#${hashed(tenant, user)}`;
  const address = clientAddress(came.sourceIp);
  const isLoad = tenant === 'load';
  return [
    { layer: 'user', tier: isLoad ? 'load' : role, key: ofUser },
    {
      layer: 'ip',
      tier: isLoad ? 'load' : 'known',
      // Callers without an address must not share one: each has its own.
      key: address === undefined ? `caller#${ofUser}` : hashed(address),
    },
    { layer: 'tenant', tier: isLoad ? 'load' : planOf(tenant), key: ofTenant },
    everybody,
  ];
}

const everybody: Counted = { layer: 'global', tier: 'all', key: 'all' };

/** A caller whom nobody knows. Those without an address are one. */
export function strangerAt({ sourceIp }: Came): Counted {
  const address = clientAddress(sourceIp);
  const key = address === undefined ? 'unknown' : hashed(address);
  return { layer: 'ip', tier: 'anonymous', key };
}

const plans: ReadonlyMap<string, TierName> = new Map(
  Object.entries(demoTenants).map(([tenant, { tier }]) => [tenant, tier]),
);

const planOf = (tenant: string): TierName => plans.get(tenant) ?? planOfStrangers;

const hashed = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
