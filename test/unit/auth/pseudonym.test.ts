import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudonyms } from '#shared/auth/pseudonym.ts';

const caller = fc.record({ tenant: fc.string(), user: fc.string() });

describe('pseudonyms', () => {
  it('are the first 16 hex digits of an HMAC, as openssl has it', () => {
    // printf '["tenant","acme"]' | openssl dgst -sha256 -hmac key
    expect(pseudonyms({ tenant: 'acme', user: 'u1' }, 'key')).toEqual({
      tenant: '4b81b3b59ee4793b',
      user: 'dd671cfc2361cf56',
    });
  });

  it('differ between callers, and between keys', () => {
    fc.assert(
      fc.property(caller, caller, (one, other) => {
        const [a, b, c] = [
          pseudonyms(one, 'key'),
          pseudonyms(other, 'key'),
          pseudonyms(one, 'other'),
        ];
        expect(a.tenant === b.tenant).toBe(one.tenant === other.tenant);
        expect(a.user === b.user).toBe(one.tenant === other.tenant && one.user === other.user);
        expect(a.tenant).not.toBe(a.user);
        expect(a.user).not.toBe(c.user);
      }),
    );
  });
});
