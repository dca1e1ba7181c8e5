import type { Bearer, TokenRole, VerifiedToken } from '../auth/token.ts';
import { type Arrival, anonymous } from './call.ts';
import type { Member } from './exchange.ts';
import { pathParameters } from './gateway-event.ts';
import { Problem } from './problem.ts';

export interface AuthenticateOptions {
  /** Anyone, or a bearer token with one of these roles. */
  readonly access:
    | 'anonymous'
    | {
        readonly roles: readonly TokenRole[];
        readonly verify: (token: string) => Promise<VerifiedToken>;
      };
}

/**
 * Finds out who calls, and holds the caller to the token's tenant: one named in the path or in
 * `x-tenant-id` must be the same. Which check a token failed is not said, its expiry apart: an
 * honest caller needs no more, and a forger learns nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export const authenticate = ({ access }: AuthenticateOptions): Member => ({
  name: 'authenticate',
  before: async ({ event, internal: { exchange } }) => {
    if (access === 'anonymous') {
      exchange.caller = anonymous;
      return;
    }
    const { headers } = exchange.arrival;
    const caller = callerOf(await access.verify(readBearer(headers)));
    exchange.caller = caller;
    for (const named of [pathParameters(event)['tenant'], headers['x-tenant-id']])
      if (named !== undefined && named !== caller.tenant)
        throw new Problem('tenant-mismatch', {
          detail: 'Use a token of that tenant, or leave the tenant out.',
        });
    if (!access.roles.includes(caller.role))
      throw new Problem('forbidden', {
        detail: `This needs the role ${access.roles.join(' or ')}.`,
      });
  },
});

function readBearer(headers: Arrival['headers']): string {
  const { authorization } = headers;
  if (authorization === undefined)
    throw new Problem('unauthenticated', {
      detail: 'Send the header Authorization: Bearer <token>.',
      headers: { 'www-authenticate': 'Bearer' },
    });
  const [, token] = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization) ?? [];
  if (token === undefined) throw tokenProblem('invalid');
  return token;
}

function callerOf(answer: VerifiedToken): Bearer {
  if (answer.verified) return answer.caller;
  switch (answer.because) {
    case 'tenant-missing':
      throw new Problem('tenant-missing', { detail: 'The token has no claim tid.' });
    case 'tenant-reserved':
      throw new Problem('forbidden', { detail: 'No caller may act for a reserved tenant.' });
    case 'invalid':
    case 'expired':
      throw tokenProblem(answer.because);
  }
}

const tokenProblem = (because: 'invalid' | 'expired'): Problem =>
  new Problem('unauthenticated', {
    detail: `The token ${because === 'expired' ? 'has expired' : 'is not valid'}.`,
    headers: {
      'www-authenticate': `Bearer error="invalid_token"${
        because === 'expired' ? ', error_description="expired"' : ''
      }`,
    },
  });
