/** Who may see what: a user their own, an admin or service everything of the tenant. */
import type { Caller } from '#shared/http/call.ts';

export const maySee = ({ role, user }: Caller, { userId }: { readonly userId: string }): boolean =>
  role === 'admin' || role === 'service' || user === userId;
