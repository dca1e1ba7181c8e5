/** The fields by which a log line says which event it is about. */
import type { DomainEvent } from '#shared/outbox/event.ts';
import type { Pseudonymize } from './pseudonymizer.ts';
import type { Fields } from './telemetry.ts';

type Described = Pick<DomainEvent, 'id' | 'type' | 'tenant'> & { readonly data: object };

export async function eventFields(
  { id, type, tenant, data }: Described,
  pseudonymize: Pseudonymize,
): Promise<Fields> {
  const user = 'userId' in data ? String(data.userId) : undefined;
  const names = await pseudonymize({ tenant, user: user ?? '' });
  return {
    event_id: id,
    event_type: type,
    tenant: names?.tenant,
    user: user === undefined ? undefined : names?.user,
  };
}
