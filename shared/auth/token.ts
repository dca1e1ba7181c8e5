/**
 * Bearer tokens: JWTs under HS256 whose `kid` is the version of the secret that signed them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725 (best practices for JWTs)
 */
import { errors, jwtVerify, SignJWT } from 'jose';
import { isReservedTenant, isTenant, isUser } from './tenant.ts';

export const roles = ['user', 'admin', 'service'] as const;

export type TokenRole = (typeof roles)[number];

export interface Bearer {
  readonly tenant: string;
  readonly user: string;
  readonly role: TokenRole;
}

export type VerifiedToken =
  | { readonly verified: true; readonly caller: Bearer }
  | { readonly verified: false; readonly because: 'invalid' | 'expired' | 'tenant-missing' }
  /** The token is good, and nobody may have it: `claimed` is who it says its bearer is. */
  | { readonly verified: false; readonly because: 'tenant-reserved'; readonly claimed: Bearer };

export interface TokenKey {
  readonly id: string;
  readonly value: string;
}

export interface TokenKeys {
  /** Undefined: no such key. */
  key(id: string): Promise<TokenKey | undefined>;
}

const algorithm = 'HS256';

/** RFC 7518 §3.2: a key of HS256 has at least the size of the hash. */
const leastKeyBytes = 32;

function toSecret({ id, value }: TokenKey): Uint8Array {
  const secret = new TextEncoder().encode(value);
  if (secret.length < leastKeyBytes)
    throw new RangeError(
      `key ${id} has ${secret.length} bytes, ${algorithm} needs ${leastKeyBytes}`,
    );
  return secret;
}

/**
 * Who the token speaks for. Whatever `keys` throws goes through: a key that cannot be looked up says
 * nothing about the token.
 */
export async function verifyToken(
  text: string,
  keys: TokenKeys,
  now: () => number = Date.now,
): Promise<VerifiedToken> {
  const claims = await readClaims(text, keys, now);
  if (typeof claims === 'string') return { verified: false, because: claims };
  const { sub, tid, role } = claims;
  if (!isUser(sub) || !isRole(role)) return { verified: false, because: 'invalid' };
  if (isBlank(tid)) return { verified: false, because: 'tenant-missing' };
  if (!isTenant(tid)) return { verified: false, because: 'invalid' };
  const bearer = { tenant: tid, user: sub, role };
  return isReservedTenant(tid)
    ? { verified: false, because: 'tenant-reserved', claimed: bearer }
    : { verified: true, caller: bearer };
}

type Claims = Readonly<Record<string, unknown>>;

async function readClaims(
  text: string,
  keys: TokenKeys,
  now: () => number,
): Promise<Claims | 'invalid' | 'expired'> {
  try {
    const { payload } = await jwtVerify(
      text,
      async ({ kid }) => {
        const key = typeof kid === 'string' ? await keys.key(kid) : undefined;
        if (!key) throw new errors.JWSInvalid('unknown key');
        return toSecret(key);
      },
      {
        algorithms: [algorithm],
        typ: 'JWT',
        requiredClaims: ['exp', 'sub', 'role'],
        currentDate: new Date(now()),
      },
    );
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    if (error instanceof errors.JOSEError) return 'invalid';
    throw error;
  }
}

const isBlank = (claim: unknown): boolean =>
  claim === undefined || claim === null || (typeof claim === 'string' && claim.trim() === '');

const isRole = (text: unknown): text is TokenRole => (roles as readonly unknown[]).includes(text);

export interface TokenOptions {
  readonly key: TokenKey;
  readonly expiresInMs: number;
  readonly now?: () => number;
}

/** @throws RangeError for names that no token may carry. */
export function assertBearer({ tenant, user, role }: Bearer): void {
  if (!isTenant(tenant) || isReservedTenant(tenant))
    throw new RangeError(`tenant must be an unreserved name of a-z, 0-9 and -, got '${tenant}'`);
  if (!isUser(user)) throw new RangeError(`user must be 1 to 128 printable characters`);
  if (!isRole(role)) throw new RangeError(`role must be one of ${roles.join(', ')}, got '${role}'`);
}

/** @throws RangeError for names that no token may carry. */
export async function signToken(
  bearer: Bearer,
  { key, expiresInMs, now = Date.now }: TokenOptions,
): Promise<string> {
  assertBearer(bearer);
  if (!(expiresInMs >= 1_000))
    throw new RangeError(`expiresInMs must be at least 1000, got ${expiresInMs}`);
  const nowSeconds = Math.floor(now() / 1000);
  return new SignJWT({ tid: bearer.tenant, role: bearer.role })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: key.id })
    .setSubject(bearer.user)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + Math.floor(expiresInMs / 1000))
    .sign(toSecret(key));
}
