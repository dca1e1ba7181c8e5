import { describe, expect, it } from 'vitest';
import { memoryRotatingSecret } from '#shared/secrets/memory-rotating-secret.ts';
import type { RotatingSecret } from '#shared/secrets/rotating-secret.ts';
import { RotationRefusedError, rotation, rotationSteps } from '#shared/secrets/rotation.ts';

function given({
  works = async ({ value }: { readonly value: string }) => value.length >= 5,
  over = (secret: RotatingSecret) => secret,
} = {}) {
  const secret = memoryRotatingSecret({ id: 'v1', value: 'first' });
  const events: string[] = [];
  let made = 0;
  const rotate = rotation({
    secret: over(secret),
    newValue: () => `value ${++made}`,
    works,
    subject: 'a-secret',
    listen: ({ happened, facts }) => events.push(`${happened} ${facts?.['version']}`),
  });
  async function all(version: string) {
    const did = [];
    for (const step of rotationSteps) did.push(await rotate(step, version));
    return did;
  }
  return { secret, rotate, all, events, made: () => made };
}

describe('a rotation', () => {
  it('makes a version, tests it, and makes it current; the one before goes on to be read', async () => {
    const { secret, all, events } = given();
    secret.begin('v2');
    expect(await all('v2')).toEqual(['made', 'nothing', 'tested', 'promoted']);
    expect(await secret.read()).toEqual({
      current: { id: 'v2', value: 'value 1' },
      previous: { id: 'v1', value: 'first' },
    });
    expect(events).toEqual(['version-made v2', 'rotated v2']);
  });

  it('rotates again, and drops the one before the last', async () => {
    const { secret, all } = given();
    secret.begin('v2');
    await all('v2');
    secret.begin('v3');
    await all('v3');
    const { current, previous } = await secret.read();
    expect([current.id, previous?.id]).toEqual(['v3', 'v2']);
  });

  it.each(rotationSteps)('does nothing twice when all is repeated up to %s', async (last) => {
    const { secret, rotate, events, made } = given();
    secret.begin('v2');
    const steps = rotationSteps.slice(0, rotationSteps.indexOf(last) + 1);
    for (const step of [...steps, ...steps, ...rotationSteps]) await rotate(step, 'v2');
    expect(await secret.read()).toEqual({
      current: { id: 'v2', value: 'value 1' },
      previous: { id: 'v1', value: 'first' },
    });
    expect([events, made()]).toEqual([['version-made v2', 'rotated v2'], 1]);
  });

  it('keeps the value of whoever filled the version first', async () => {
    const { secret, rotate } = given({
      over: (real) => ({
        ...real,
        // Its answer is older than what the other has done since.
        value: async () => undefined,
      }),
    });
    secret.begin('v2');
    await secret.fill('v2', 'of the other');
    expect(await rotate('createSecret', 'v2')).toBe('kept');
    expect(await secret.value('v2')).toBe('of the other');
  });

  it('makes no version current that does not work, though nobody had tested it', async () => {
    const { secret, rotate } = given();
    secret.begin('v2');
    await secret.fill('v2', 'weak');
    const because = 'a-secret: version v2 does not do what the secret is for';
    for (const step of ['testSecret', 'finishSecret'])
      await expect(rotate(step, 'v2')).rejects.toThrow(new RotationRefusedError(because));
    expect((await secret.look()).current).toBe('v1');
  });

  it.each(['testSecret', 'finishSecret'])('refuses %s while there is no value', async (step) => {
    const { secret, rotate } = given();
    secret.begin('v2');
    await expect(rotate(step, 'v2')).rejects.toThrow('version v2 has no value yet');
    expect((await secret.look()).current).toBe('v1');
  });

  it.each(rotationSteps)('refuses %s where nobody has set up a rotation', async (step) => {
    const { rotate } = given();
    await expect(rotate(step, 'v2')).rejects.toThrow('a-secret: it is not set up for rotation');
  });

  it.each(rotationSteps)('refuses %s for a version that is not pending', async (step) => {
    const { secret, rotate } = given();
    secret.begin('v2');
    await expect(rotate(step, 'v3')).rejects.toThrow('a-secret: version v3 is not pending');
  });

  it('refuses a step that there is not', async () => {
    const { secret, rotate } = given();
    secret.begin('v2');
    for (const step of ['dropSecret', 'toString', ''])
      await expect(rotate(step, 'v2')).rejects.toThrow(`a-secret: there is no step '${step}'`);
  });

  it('is done when another has made the version current meanwhile', async () => {
    const { secret, rotate } = given({
      over: (real) => ({
        ...real,
        async promote(version, from) {
          await real.promote(version, from);
          return real.promote(version, from);
        },
      }),
    });
    secret.begin('v2');
    await rotate('createSecret', 'v2');
    expect(await rotate('finishSecret', 'v2')).toBe('kept');
    expect((await secret.look()).current).toBe('v2');
  });

  it('does not come after a version that another rotation has replaced', async () => {
    const { secret, rotate, all } = given({
      over: (real) => ({
        ...real,
        async promote(version, from) {
          if (version !== 'v2') return real.promote(version, from);
          await real.promote('v2', 'v1');
          secret.begin('v3');
          await all('v3');
          return real.promote(version, from);
        },
      }),
    });
    secret.begin('v2');
    await rotate('createSecret', 'v2');
    await expect(rotate('finishSecret', 'v2')).rejects.toThrow('is not current any more');
    expect((await secret.look()).current).toBe('v3');
  });
});
