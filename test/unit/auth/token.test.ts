import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Bearer, roles, signToken, type TokenKey, verifyToken } from '#shared/auth/token.ts';

const key: TokenKey = { id: 'version-1', value: 'k'.repeat(32) };
const keysOf = (...known: readonly TokenKey[]) => {
  const asked: string[] = [];
  return {
    asked,
    async key(id: string) {
      asked.push(id);
      return known.find((one) => one.id === id);
    },
  };
};
const alice: Bearer = { tenant: 'acme', user: 'u1', role: 'user' };
const nowMs = 1_700_000_000_500;
const now = () => nowMs;

const tenants = fc
  .stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .map((text) => `t${text}`.slice(0, 63));
const users = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u.test(text));

describe('a token', () => {
  it('says who its caller is', () =>
    fc.assert(
      fc.asyncProperty(tenants, users, fc.constantFrom(...roles), async (tenant, user, role) => {
        const token = await signToken({ tenant, user, role }, { key, expiresInMs: 60_000, now });
        expect(await verifyToken(token, keysOf(key), now)).toEqual({
          verified: true,
          caller: { tenant, user, role },
        });
      }),
    ));

  it('names its algorithm, type and key, and lasts as long as asked', async () => {
    const token = await signToken(alice, { key, expiresInMs: 90_000, now });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'version-1' });
    expect(decodeJwt(token)).toEqual({
      sub: 'u1',
      tid: 'acme',
      role: 'user',
      iat: 1_700_000_000,
      exp: 1_700_000_090,
    });
  });

  it('expires in the second that it names', async () => {
    const token = await signToken(alice, { key, expiresInMs: 60_000, now });
    const at = (seconds: number) => verifyToken(token, keysOf(key), () => seconds * 1000);
    expect(await at(1_700_000_059)).toMatchObject({ verified: true });
    expect(await at(1_700_000_060)).toEqual({ verified: false, because: 'expired' });
  });

  it('is checked under the key it names, the previous one too', async () => {
    const next = { id: 'version-2', value: 'n'.repeat(32) };
    const token = await signToken(alice, { key, expiresInMs: 60_000, now });
    const keys = keysOf(next, key);
    expect(await verifyToken(token, keys, now)).toMatchObject({ verified: true });
    expect(keys.asked).toEqual(['version-1']);
    const liar = { id: 'version-1', value: next.value };
    expect(await verifyToken(token, keysOf(next, liar), now)).toEqual({
      verified: false,
      because: 'invalid',
    });
  });

  it('under another algorithm asks for no key at all', async () => {
    const [, ...rest] = (await signToken(alice, { key, expiresInMs: 60_000, now })).split('.');
    const keys = keysOf(key);
    for (const alg of ['none', 'HS512', 'RS256', 'ES256']) {
      const head = Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid: 'version-1' }));
      const token = [head.toString('base64url'), ...rest].join('.');
      expect(await verifyToken(token, keys, now)).toMatchObject({ verified: false });
    }
    expect(keys.asked).toEqual([]);
  });

  it('is not judged when its key cannot be looked up', async () => {
    const token = await signToken(alice, { key, expiresInMs: 60_000, now });
    const down = new Error('provider down');
    await expect(verifyToken(token, { key: () => Promise.reject(down) }, now)).rejects.toBe(down);
  });

  it('is no text at all', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await verifyToken(text, keysOf(key), now)).toEqual({
          verified: false,
          because: 'invalid',
        });
      }),
    ));

  it('is neither made nor read under a key that is too short', async () => {
    const short = { id: 'version-1', value: 'k'.repeat(31) };
    await expect(signToken(alice, { key: short, expiresInMs: 60_000 })).rejects.toThrow('31 bytes');
    const token = await signToken(alice, { key, expiresInMs: 60_000, now });
    await expect(verifyToken(token, keysOf(short), now)).rejects.toThrow(RangeError);
  });

  it.each<[string, Partial<Bearer> | { role: string }, number]>([
    ['tenant', { tenant: 'Acme' }, 60_000],
    ['tenant', { tenant: 'system' }, 60_000],
    ['user', { user: '' }, 60_000],
    ['user', { user: 'a\nb' }, 60_000],
    ['role', { role: 'root' }, 60_000],
    ['expiresInMs', {}, 999],
    ['expiresInMs', {}, Number.NaN],
  ])('is not made with a wrong %s', async (option, wrong, expiresInMs) => {
    await expect(signToken({ ...alice, ...wrong } as Bearer, { key, expiresInMs })).rejects.toThrow(
      new RegExp(`^${option} must`),
    );
  });
});
