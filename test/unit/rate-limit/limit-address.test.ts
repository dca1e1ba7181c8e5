import { expect, it } from 'vitest';
import { limitAddress } from '#shared/rate-limit/limit-address.ts';

const pkOf = (key: string): string =>
  limitAddress('bucket', { table: 'state', name: 'one' }, { key }).key['pk'] ?? '';

it('is well-formed text of bounded length for every key, and another for each', () => {
  const pks = ['\ud800', '\ud801', '\ufffd', 'é'.repeat(3_000), 'é'.repeat(3_001)].map(pkOf);
  expect(new Set(pks).size).toBe(pks.length);
  for (const pk of pks) {
    expect(pk.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(pk)).toBeLessThanOrEqual(2_048);
  }
});

it('is not reached by a key that spells the digest of another', () => {
  const long = 'x'.repeat(3_000);
  const [digest = ''] = pkOf(long).split('#').slice(-1);
  expect(pkOf(digest)).not.toBe(pkOf(long));
});
