import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needsIdempotencyKey, readIdempotencyKey } from '#shared/http/idempotency-key.ts';

const characters = (accepted: RegExp) =>
  fc
    .integer({ min: 0x20, max: 0x7e })
    .map((code) => String.fromCharCode(code))
    .filter((text) => accepted.test(text));
const keys = (accepted: RegExp) =>
  fc.string({ unit: characters(accepted), minLength: 1, maxLength: 255 });

/** RFC 8941's serialisation of a string. */
const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

describe('an Idempotency-Key', () => {
  it('is the same key quoted and bare', () => {
    fc.assert(
      fc.property(
        keys(/[^",]/).filter((text) => text === text.trim()),
        (text) => {
          expect(readIdempotencyKey(text)).toEqual({ key: text });
          expect(readIdempotencyKey(quote(text))).toEqual({ key: text });
          expect(readIdempotencyKey(`  ${text} `)).toEqual({ key: text });
        },
      ),
    );
  });

  it('may be any printable text when it is quoted', () => {
    fc.assert(
      fc.property(keys(/./), (text) => {
        expect(readIdempotencyKey(quote(text))).toEqual({ key: text });
      }),
    );
  });

  it('is a key or invalid, whatever is sent, and never another key than was meant', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (field) => {
        const read = readIdempotencyKey(field);
        if ('invalid' in read) return;
        expect(read.key).toMatch(/^[ -~]{1,255}$/);
        expect([read.key, quote(read.key)]).toContain(field.trim());
      }),
    );
  });

  it.each([
    ['a'.repeat(255), 255],
    [quote('"'.repeat(255)), 255],
  ])('has up to 255 characters, counted without quotes and escapes', (field, length) => {
    const read = readIdempotencyKey(field);
    expect('key' in read && read.key.length).toBe(length);
    expect(readIdempotencyKey(quote('"'.repeat(256)))).toHaveProperty('invalid');
  });

  it('is needed by methods that change something', () => {
    expect(
      ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(needsIdempotencyKey),
    ).toEqual(['POST', 'PUT', 'PATCH', 'DELETE']);
  });
});
