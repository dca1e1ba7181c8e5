import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditional, contentEtag, namesTag } from '#shared/http/conditional.ts';

describe('If-None-Match', () => {
  // biome-ignore format: a table, one field a row
  it.each([
    ['the tag',                              '"abc"',                true],
    ['the tag with blanks around it',        '  "abc"\t',            true],
    ['the tag said to be weak',              'W/"abc"',              true],
    ['the tag among others',                 '"x", W/"y" ,"abc"',    true],
    ['a list with empty places',             ', ,"x",, "abc",',      true],
    ['a star',                               '*',                    true],
    ['another tag',                          '"abd"',                false],
    ['a tag that holds the other in it',     '"x\'abc\'"',           false],
    ['a comma inside a tag',                 '"x,abc"',              false],
    ['the tag without quotes',               'abc',                  false],
    ['a weak mark in lower case',            'w/"abc"',              false],
    ['the tag beside something that is none', '"abc", abc',          false],
    ['tags without a comma between them',    '"x" "abc"',            false],
    ['a star in a list',                     '*, "abc"',             false],
    ['nothing',                              '',                     false],
    ['only commas',                          ',,',                   false],
  ] as const)('of %s', (_, field, names) => {
    expect(namesTag(field, '"abc"')).toBe(names);
  });

  it('compares weakly, so a weak tag of ours is found by both', () => {
    expect(['"abc"', 'W/"abc"'].map((field) => namesTag(field, 'W/"abc"'))).toEqual([true, true]);
  });

  it('of any list of tags names exactly those in it', () =>
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[!#-~]{0,8}$/), { minLength: 1 }),
        fc.stringMatching(/^[!#-~]{0,8}$/),
        (tags, other) => {
          const field = tags.map((tag, n) => `${n % 2 ? 'W/' : ''}"${tag}"`).join(', ');
          for (const tag of tags) expect(namesTag(field, `"${tag}"`)).toBe(true);
          expect(namesTag(field, `"${other}"`)).toBe(tags.includes(other));
        },
      ),
    ));

  it.each([
    ['tags', '"a" , '],
    ['blanks', ' '],
    ['commas', ', '],
    ['commas and blanks', ' ,\t'],
  ])('that goes on and on with %s is read to its end all the same', (_, part) => {
    const long = part.repeat(8_000 / part.length);
    expect(namesTag(`"x"${long}"abc`, '"abc"')).toBe(false);
    expect(namesTag(`"x",${long}"abc"`, '"abc"')).toBe(true);
  });
});

describe('the ETag of content', () => {
  it('is strong, and the same for the same content alone', () => {
    const etag = contentEtag({ a: 1 });
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    expect(contentEtag({ a: 1 })).toBe(etag);
    expect(contentEtag({ a: 2 })).not.toBe(etag);
  });
});

describe('a conditional answer', () => {
  const headers = { etag: '"abc"', 'cache-control': 'private, max-age=60' };
  const answer = { status: 200, headers, body: { a: 1 } };

  it('is 304 without content and with its headers for who has it', () => {
    expect(conditional({ headers: { 'if-none-match': '"abc"' } }, answer)).toEqual({
      status: 304,
      headers,
    });
  });

  it.each<[string, Record<string, string>]>([
    ['asks without a condition', {}],
    ['has another', { 'if-none-match': '"abd"' }],
  ])('is itself for who %s', (_, headers) => {
    expect(conditional({ headers }, answer)).toBe(answer);
  });

  it('has a tag, or is a mistake', () => {
    expect(() => conditional({ headers: {} }, { status: 200 })).toThrow(RangeError);
  });
});
