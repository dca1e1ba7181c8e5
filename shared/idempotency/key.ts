/** What makes two requests the same one. */
import { createHash } from 'node:crypto';

/**
 * Each part is hashed with its length before it, so no two lists of parts collide by joining. As
 * UTF-16, because UTF-8 has one and the same character for every half of a surrogate pair.
 */
export function sha256(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part, 'utf16le');
  return hash.digest('base64url');
}

/** The key of a record: who asks for what, under which name. 43 characters. */
export const unitKey = (...parts: readonly string[]): string => sha256(parts);

export interface FingerprintedRequest {
  readonly method: string;
  /** The concrete path, not its template. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly ifMatch?: string;
  /** Parsed JSON: the order of its members and its white space do not count. */
  readonly body?: unknown;
}

/** What a repeated request must have in common with the first, besides its key. */
export const fingerprint = ({ method, path, query, ifMatch, body }: FingerprintedRequest): string =>
  sha256([method, path, canonical(query ?? {}), ifMatch ?? '', canonical(body ?? null)]);

/** JSON text that does not depend on the order of members. */
export const canonical = (value: unknown): string => JSON.stringify(value, sortMembers);

const sortMembers = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : value;
