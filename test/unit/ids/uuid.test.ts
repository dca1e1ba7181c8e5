import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUuidV7, uuidTimeMs, uuidV7, uuidV8Of } from '#shared/ids/uuid.ts';

describe('uuidV7', () => {
  const anyTime = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const anyBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

  it('is a version 7 UUID that tells when it was made, whatever the random bytes', () => {
    fc.assert(
      fc.property(anyTime, anyBytes, (nowMs, random) => {
        const id = uuidV7({ now: () => nowMs, bytes: () => random });
        expect(isUuidV7(id)).toBe(true);
        expect(uuidTimeMs(id)).toBe(nowMs);
      }),
    );
  });

  it('sorts by the time it was made', () => {
    fc.assert(
      fc.property(anyTime, anyTime, (a, b) => {
        fc.pre(a < b);
        expect(uuidV7({ now: () => a }) < uuidV7({ now: () => b })).toBe(true);
      }),
    );
  });

  it('reproduces the example of RFC 9562, A.6', () => {
    const now = () => Date.UTC(2022, 1, 22, 19, 22, 22);
    const bytes = () => Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    expect(uuidV7({ now, bytes })).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('takes 62 bits and more from the random source, so that no two are alike', () => {
    const now = () => 1_000;
    expect(new Set(Array.from({ length: 1_000 }, () => uuidV7({ now }))).size).toBe(1_000);
  });
});

describe('uuidTimeMs', () => {
  it.each([
    '',
    'ledger#017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
    '017f22e2-79b0-4cc3-98c4-dc0c0c07398f',
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
  ])('refuses %j', (text) => {
    expect(() => uuidTimeMs(text)).toThrow(RangeError);
  });
});

describe('uuidV8Of', () => {
  it('is a version 8 UUID, the same for the same name and another for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(uuidV8Of(a)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(uuidV8Of(a) === uuidV8Of(b)).toBe(a === b);
      }),
    );
  });
});
