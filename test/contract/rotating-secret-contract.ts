/** What every secret that can be rotated must do. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { RotatingSecret } from '#shared/secrets/rotating-secret.ts';
import type { SecretSource } from '#shared/secrets/secret-source.ts';

export interface RotatingSecretUnderTest {
  readonly secret: RotatingSecret;
  /** The same secret, as its readers have it. */
  readonly source: SecretSource;
}

/** @param given a fresh secret, never rotated, whose text is `one`. */
export function rotatingSecretContract(given: () => Promise<RotatingSecretUnderTest>): void {
  async function pendingTwo() {
    const { secret, source } = await given();
    const { current: one } = await secret.look();
    const two = randomUUID();
    const filled = await secret.fill(two, 'two');
    return { secret, source, one, two, filled };
  }

  it('has one version, which is current, and is not set up for rotation', async () => {
    const { secret, source } = await given();
    const { current } = await source.read();
    expect(await secret.look()).toEqual({
      enabled: false,
      current: current.id,
      pending: undefined,
    });
    expect(await secret.value(current.id)).toBe('one');
  });

  it('has no text of a version that nobody made', async () => {
    const { secret } = await given();
    expect(await secret.value(randomUUID())).toBeUndefined();
  });

  it('shows no reader a version that is pending', async () => {
    const { secret, source, one, two, filled } = await pendingTwo();
    expect(filled).toBe(true);
    expect(await secret.look()).toMatchObject({ current: one, pending: two });
    expect([await secret.value(one), await secret.value(two)]).toEqual(['one', 'two']);
    expect(await source.read()).toEqual({ current: { id: one, value: 'one' } });
  });

  it('is filled with the same text as often as anybody likes', async () => {
    const { secret, two, one } = await pendingTwo();
    expect(await secret.fill(two, 'two')).toBe(true);
    expect(await secret.look()).toMatchObject({ current: one, pending: two });
    expect(await secret.value(two)).toBe('two');
  });

  it('shows readers the version that was made current, and the one before', async () => {
    const { secret, source, one, two } = await pendingTwo();
    expect(await secret.promote(two, one)).toBe(true);
    expect((await secret.look()).current).toBe(two);
    expect(await source.read()).toEqual({
      current: { id: two, value: 'two' },
      previous: { id: one, value: 'one' },
    });
  });

  it('makes a version current only in the place of the one that is said', async () => {
    const { secret, source, one, two } = await pendingTwo();
    await secret.promote(two, one);
    const three = randomUUID();
    await secret.fill(three, 'three');
    expect(await secret.promote(three, one)).toBe(false);
    expect((await secret.look()).current).toBe(two);
    expect(await secret.promote(three, two)).toBe(true);
    expect(await source.read()).toMatchObject({
      current: { value: 'three' },
      previous: { value: 'two' },
    });
  });

  it('does not go back to a version whose turn is over', async () => {
    const { secret, one, two } = await pendingTwo();
    await secret.promote(two, one);
    const three = randomUUID();
    await secret.fill(three, 'three');
    await secret.promote(three, two);
    expect(await secret.promote(two, one)).toBe(false);
    expect((await secret.look()).current).toBe(three);
  });
}
