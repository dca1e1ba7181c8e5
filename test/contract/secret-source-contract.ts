/** What every source of a secret must do. */
import { expect, it } from 'vitest';
import { keyring } from '#shared/secrets/keyring.ts';
import type { SecretSource } from '#shared/secrets/secret-source.ts';

export interface SecretUnderTest {
  readonly source: SecretSource;
  /** Makes a new current version of this text. */
  rotate(value: string): Promise<void>;
}

/** @param given a fresh secret, never rotated, whose text is `one`. */
export function secretSourceContract(given: () => Promise<SecretUnderTest>): void {
  it('has one version of a secret that was never rotated', async () => {
    const { source } = await given();
    expect(await source.read()).toEqual({ current: { id: expect.any(String), value: 'one' } });
  });

  it('has the version before beside the current one, and none before that', async () => {
    const { source, rotate } = await given();
    const { current: one } = await source.read();
    await rotate('two');
    const { current: two, previous } = await source.read();
    expect([two.value, previous]).toEqual(['two', one]);
    await rotate('three');
    const last = await source.read();
    expect([last.current.value, last.previous]).toEqual(['three', two]);
    expect(new Set([one.id, two.id, last.current.id]).size).toBe(3);
  });

  it('names a version alike each time', async () => {
    const { source } = await given();
    expect(await source.read()).toEqual(await source.read());
  });

  it('lets a keyring follow a rotation', async () => {
    const { source, rotate } = await given();
    const ring = keyring({ source, subject: 'a secret' });
    const one = await ring.current();
    await rotate('two');
    const { id } = (await source.read()).current;
    expect((await ring.key(id))?.value).toBe('two');
    expect(await ring.key(one.id)).toEqual(one);
  });
}
