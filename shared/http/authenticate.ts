import type { Bearer, TokenRole, VerifiedToken } from '../auth/token.ts';
import { type Arrival, anonymous } from './call.ts';
import type { Member } from './exchange.ts';
import { type GatewayEvent, pathParameters } from './gateway-event.ts';
import { Problem } from './problem.ts';

/** Names a tenant besides the token; it must be the same. */
export const tenantHeader = 'x-tenant-id';

/** The parameter of a path that does so: `{tenant}`. */
export const tenantParameter = 'tenant';

/** A caller named a tenant that is not theirs. */
export interface Violation {
  readonly place: 'path' | 'header' | 'token';
  /** What stood there, as it stood: it may be any text. */
  readonly named: string;
  /** Whom the token speaks for: of a token for a reserved tenant, whom it claims to. */
  readonly by: Bearer;
}

export interface AuthenticateOptions {
  /** Anyone, or a bearer token with one of these roles. */
  readonly access:
    | 'anonymous'
    | {
        readonly roles: readonly TokenRole[];
        readonly verify: (token: string) => Promise<VerifiedToken>;
      };
  /** Called once, before the 403, which waits for it: the limits count the call meanwhile. Must not
   *  throw, nor take long. */
  readonly onViolation?: (violation: Violation, arrival: Arrival) => Promise<void> | void;
}

/**
 * Finds out who calls, and holds the caller to the token's tenant: one named in the path or in
 * `x-tenant-id` must be the same, to the letter. A header that is sent twice arrives as a list, and a
 * list is no tenant's name. Which check a token failed is not said, its expiry apart: an honest
 * caller needs no more, and a forger learns nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export const authenticate = ({ access, onViolation = () => {} }: AuthenticateOptions): Member => ({
  name: 'authenticate',
  before: async ({ event, internal: { exchange } }) => {
    if (access === 'anonymous') {
      exchange.caller = anonymous;
      return;
    }
    const { arrival } = exchange;
    const record = (violation: Violation): void => {
      const recording = (async () => onViolation(violation, arrival))();
      // Heard at the end, and until then not nobody's.
      recording.catch(() => {});
      exchange.recording = recording;
    };
    const token = readBearer(arrival.headers);
    const answer = await access.verify(token);
    if (!answer.verified && answer.because === 'tenant-reserved') {
      const { claimed: by } = answer;
      record({ place: 'token', named: by.tenant, by });
    }
    const caller = callerOf(answer);
    exchange.caller = caller;
    for (const { place, named } of tenantsNamed(event, arrival))
      if (named !== caller.tenant) {
        record({ place, named, by: caller });
        throw new Problem('tenant-mismatch', {
          detail: 'Use a token of that tenant, or leave the tenant out.',
        });
      }
    if (!access.roles.includes(caller.role))
      throw new Problem('forbidden', {
        detail: `This needs the role ${access.roles.join(' or ')}.`,
      });
  },
  onError: async (request) => {
    try {
      await request.internal.exchange.recording;
    } catch (failed) {
      request.error = failed as Error;
    }
  },
});

/** Every place of a request that can name a tenant, the token apart; contracts have no other (tested). */
function tenantsNamed(
  event: GatewayEvent,
  { headers }: Arrival,
): readonly Pick<Violation, 'place' | 'named'>[] {
  const inPath = pathParameters(event)[tenantParameter];
  const inHeader = headers[tenantHeader];
  return [
    ...(inPath === undefined ? [] : [{ place: 'path', named: inPath } as const]),
    ...(inHeader === undefined ? [] : [{ place: 'header', named: inHeader } as const]),
  ];
}

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
