import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';

describe('unitKey', () => {
  it('is shared by no two lists of parts, whatever characters they hold', () => {
    const part = fc
      .array(fc.nat(0x10ffff), { maxLength: 6 })
      .map((codes) => String.fromCodePoint(...codes));
    const parts = fc.array(part, { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(unitKey(...a)).not.toBe(unitKey(...b));
      }),
    );
  });

  it('tells apart parts that read the same when joined', () => {
    expect(unitKey('ab', 'c')).not.toBe(unitKey('a', 'bc'));
    expect(unitKey('1:a', 'b')).not.toBe(unitKey('1', 'a', 'b'));
  });
});

it('tells apart halves of surrogate pairs, which no text should hold, and a token may', () => {
  const halves = ['\ud800', '\ud801', '\udc00', '\ufffd'];
  for (const make of [unitKey, (part: string) => fingerprint({ method: 'PUT', path: part })])
    expect(new Set(halves.map((half) => make(half))).size).toBe(halves.length);
});

describe('fingerprint', () => {
  const request = { method: 'POST', path: '/orders', body: { a: 1, b: [{ c: 2, d: 3 }] } };

  it('does not depend on the order of members', () => {
    const shuffled = { ...request, body: { b: [{ d: 3, c: 2 }], a: 1 } };
    expect(fingerprint(shuffled)).toBe(fingerprint(request));
  });

  it.each([
    ['method', { method: 'PUT' }],
    ['path', { path: '/orders/1' }],
    ['query', { query: { dry: '1' } }],
    ['If-Match', { ifMatch: '"2"' }],
    ['a value', { body: { ...request.body, a: 2 } }],
    ['the order of a list', { body: { ...request.body, b: [{ c: 2 }, { d: 3 }] } }],
    ['the body at all', { body: undefined }],
  ])('changes with %s', (_, change) => {
    expect(fingerprint({ ...request, ...change })).not.toBe(fingerprint(request));
  });
});
