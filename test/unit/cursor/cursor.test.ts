import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorKeyId, openCursor, sealCursor } from '#shared/cursor/cursor.ts';

const key = { id: 'v1', value: 'a secret of the test' };
const scope = ['orders', 'acme', 'u1'];

describe('a cursor', () => {
  it('gives back the position it was made of', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (position, list) => {
        const cursor = sealCursor(key, list, position);
        expect(cursorKeyId(cursor)).toBe('v1');
        expect(openCursor(key, list, cursor)).toEqual(JSON.parse(JSON.stringify(position)));
      }),
    ));

  it('is worth nothing with any one of its characters changed', () => {
    const cursor = sealCursor(key, scope, { shard: 3 });
    const changed = [...cursor].map((character, index) => {
      const other = character === 'A' ? 'B' : 'A';
      return cursor.slice(0, index) + other + cursor.slice(index + 1);
    });
    for (const tampered of changed) expect(openCursor(key, scope, tampered)).toBeUndefined();
  });

  it.each([
    ['another tenant', ['orders', 'globex', 'u1']],
    ['another user', ['orders', 'acme', 'u2']],
    ['every user', ['orders', 'acme']],
    ['parts that read the same when joined', ['orders', 'acmeu1']],
  ])('does not open the list of %s', (_, other) => {
    expect(openCursor(key, other, sealCursor(key, scope, 1))).toBeUndefined();
  });

  it('does not open with another secret under the same name', () => {
    const cursor = sealCursor(key, scope, 1);
    expect(openCursor({ ...key, value: 'other' }, scope, cursor)).toBeUndefined();
  });

  it.each([
    '',
    '.',
    '..',
    'v1',
    'v1..',
    `v1.${'x'.repeat(3_000)}.${'y'.repeat(43)}`,
    'v 1.e30.abc',
  ])('names no key when it cannot be one: %j', (text) => {
    expect(cursorKeyId(text)).toBeUndefined();
  });
});
