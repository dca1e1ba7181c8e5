/** What tenants and users may be called. */

const tenantForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Names that the service itself uses, or that a reader would take for it. */
const reserved: ReadonlySet<string> = new Set([
  'admin',
  'anonymous',
  'holdfast',
  'internal',
  'public',
  'root',
  'system',
]);

export const isTenant = (text: unknown): text is string =>
  typeof text === 'string' && tenantForm.test(text);

/** No caller may act for it, whatever a token says. */
export const isReservedTenant = (tenant: string): boolean => reserved.has(tenant);

/** 1 to 128 printable characters, in any script: no control, format or unassigned ones. */
export const isUser = (text: unknown): text is string =>
  typeof text === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u.test(text);
