/**
 * Cursors of lists: the position of the next page, readable but sealed. A cursor belongs to the
 * list it was made for (tenant, caller, filter), and cannot be made up or carried to another one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface CursorKey {
  /** Names the version of the secret, so that a cursor outlives a rotation. No dots. */
  readonly id: string;
  readonly value: string;
}

/** `scope` is all that the list depends on; `position` is JSON. */
export function sealCursor(key: CursorKey, scope: readonly string[], position: unknown): string {
  const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${key.id}.${payload}.${seal(key, scope, payload)}`;
}

/** The id of the key that sealed it; undefined for what cannot be a cursor. */
export const cursorKeyId = (cursor: string): string | undefined =>
  /^([\w-]{1,64})\.[\w-]{1,2000}\.[\w-]{43}$/.exec(cursor)?.[1];

/** The position, or undefined when the cursor was not sealed with this key for this scope. */
export function openCursor(key: CursorKey, scope: readonly string[], cursor: string): unknown {
  const [id, payload = '', given = ''] = cursor.split('.');
  const expected = Buffer.from(seal(key, scope, payload));
  const actual = Buffer.from(given);
  if (id !== key.id || actual.length !== expected.length || !timingSafeEqual(actual, expected))
    return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const seal = ({ value }: CursorKey, scope: readonly string[], payload: string): string =>
  createHmac('sha256', value)
    .update(JSON.stringify([...scope, payload]))
    .digest('base64url');
