/** Cursors of a list: sealed where a page ends, and opened where the next one begins. */
import type * as z from 'zod';
import { cursorKeyId, openCursor, sealCursor } from '#shared/cursor/cursor.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Keyring } from '#shared/secrets/keyring.ts';

/** All that the list depends on: with other parameters it is another list. */
type ListScope = readonly string[];

export interface ListCursors<Position> {
  seal(position: Position, scope: ListScope): Promise<string>;
  /** Undefined without a cursor: the list begins. @throws Problem for one of another list, or made up */
  open(cursor: string | undefined, scope: ListScope): Promise<Position | undefined>;
}

export const listCursors = <Position>(
  keys: Pick<Keyring, 'current' | 'key'>,
  position: z.ZodType<Position>,
): ListCursors<Position> => ({
  seal: async (end, scope) => sealCursor(await keys.current(), scope, end),
  async open(cursor, scope) {
    if (cursor === undefined) return undefined;
    const id = cursorKeyId(cursor);
    const key = id === undefined ? undefined : await keys.key(id);
    const opened = key && openCursor(key, scope, cursor);
    if (opened === undefined) throw new Problem('cursor-invalid');
    return position.parse(opened);
  },
});
