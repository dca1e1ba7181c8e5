/** A violation of the border between tenants: what it is, what operators see, and its audit entry. */
import * as z from 'zod';
import { isReservedTenant, isTenant } from '#shared/auth/tenant.ts';
import { type Item, toTtl } from '#shared/state/items.ts';
import { eventTypes } from '../tables/events.ts';
import { retention } from '../tables/retention.ts';
import { violationListKey } from './keys.ts';

const { data } = eventTypes['tenant.violated'];

export type Violated = z.infer<typeof data>;

/**
 * What a text in a tenant's place reaches for, seen from tenant `own`. It is attacker-controlled: of
 * it only a tenant's name goes on, the first that is not the caller's own.
 */
export function judgeNamed(own: string, named: string): Pick<Violated, 'kind' | 'attempted'> {
  const names = named.split(',').map((part) => part.trim().toLowerCase());
  const attempted = names.find((name) => isTenant(name) && name !== own);
  if (attempted !== undefined)
    return { kind: isReservedTenant(attempted) ? 'reserved-tenant' : 'other-tenant', attempted };
  return isReservedTenant(own)
    ? { kind: 'reserved-tenant', attempted: own }
    : { kind: 'malformed-tenant' };
}

export const violationAggregate = (id: string): string => `violation/${id}`;

const violation = z.object({
  id: z.string(),
  tenant: z.string(),
  occurredAtMs: z.int(),
  correlationId: z.string(),
  expiresAtMs: z.int(),
  data,
});

export type Violation = z.infer<typeof violation>;

export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The audit entry, which the list across tenants shows as well. It is kept for a time of its own. */
export function toViolationItem(
  told: Omit<Violation, 'expiresAtMs'> & { readonly aggregate: string },
): Item {
  const { id, occurredAtMs } = told;
  const expiresAtMs = occurredAtMs + retention.violationMs;
  return {
    version: 1,
    type: 'tenant.violated',
    seq: 1,
    ...told,
    data: { ...told.data },
    ...violationListKey({ id, at: isoOf(occurredAtMs) }),
    expiresAtMs,
    ttl: toTtl(expiresAtMs),
  };
}

/** @throws ZodError for an item that is no violation. */
export const readViolation = (item: Item): Violation => violation.parse(item);

export const violationView = z
  .strictObject({
    id: z.uuid(),
    at: z.iso.datetime(),
    tenant: z.string().meta({ description: 'The tenant of the token.' }),
    user: z.string().exactOptional().meta({
      description:
        'The pseudonym under which the logs have the user. Absent: its key cannot be had.',
    }),
    kind: data.shape.kind.meta({
      description: 'malformed-tenant: what was named is no tenant’s name, so it is not kept.',
    }),
    place: data.shape.place.meta({ description: 'Where in the request it was named.' }),
    attempted: data.shape.attempted.meta({ description: 'The tenant that was named.' }),
    route: z.string(),
    requestId: z.string(),
    suppressed: data.shape.suppressed.meta({
      description: 'Violations of this tenant before it that were counted only.',
    }),
  })
  .meta({ id: 'TenantViolation' });

export const toViolationView = (
  { id, tenant, occurredAtMs, correlationId, data: { userId: _, ...told } }: Violation,
  user: string | undefined,
): z.infer<typeof violationView> => ({
  id,
  at: isoOf(occurredAtMs),
  tenant,
  ...(user !== undefined && { user }),
  requestId: correlationId,
  ...told,
});
