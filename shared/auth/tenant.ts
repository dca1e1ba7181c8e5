/** What tenants and users may be called. */

const tenantForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Names that the service uses, or that a person or a program would take for something else. */
const reserved: ReadonlySet<string> = new Set([
  // The service itself, and callers who name no tenant.
  ...['holdfast', 'system', 'internal', 'service', 'public', 'anonymous', 'guest'],
  // Whoever may do more than others.
  ...['root', 'admin', 'administrator', 'superuser', 'operator', 'support'],
  // Every tenant, or whichever: a total, a filter, a share that is nobody's in particular.
  ...['all', 'any', 'every', 'everyone', 'global', 'shared', 'default', 'other', 'others'],
  // What programs write where a name is missing.
  ...['none', 'nobody', 'null', 'nil', 'nan', 'undefined', 'unknown', 'empty', 'true', 'false'],
]);

export const isTenant = (text: unknown): text is string =>
  typeof text === 'string' && tenantForm.test(text);

/** No caller may act for it, whatever a token says. */
export const isReservedTenant = (tenant: string): boolean => reserved.has(tenant);

/** 1 to 128 printable characters, in any script: no control, format or unassigned ones. */
export const isUser = (text: unknown): text is string =>
  typeof text === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u.test(text);
