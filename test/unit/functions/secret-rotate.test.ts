import { describe, expect, it } from 'vitest';
import { secretRotate, works } from '#functions/secret-rotate/secret-rotate.ts';
import { rotatedSecrets } from '#functions/tables/secrets.ts';
import { memoryRotatingSecret } from '#shared/secrets/memory-rotating-secret.ts';
import { rotationSteps } from '#shared/secrets/rotation.ts';

const version = '4c9bd1a0-6a0f-4c5e-9d0b-3f5d2f9b1c11';
const names = { 'token-signing': 'stage-token-signing', 'list-cursors': 'stage-list-cursors' };
const arnOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;

function given() {
  const secret = memoryRotatingSecret({ id: 'v1', value: 'x'.repeat(64) });
  secret.begin(version);
  const asked: string[] = [];
  const step = secretRotate({
    secretIds: names,
    secretOf(secretId) {
      asked.push(secretId);
      return secret;
    },
    listen() {},
  });
  return { secret, asked, step };
}

describe('the function that rotates secrets', () => {
  it.each(rotatedSecrets)('rotates %s in four steps, into a value that works', async (name) => {
    const { secret, step } = given();
    const done = [];
    for (const Step of rotationSteps)
      done.push(
        await step({ Step, SecretId: `${arnOf(names[name])}-a1B2c3`, ClientRequestToken: version }),
      );
    expect(done.map(({ did }) => did)).toEqual(['made', 'nothing', 'tested', 'promoted']);
    expect(done[3]).toMatchObject({ secret: name, step: 'finishSecret', version });
    const { current, previous } = await secret.read();
    expect(current).toEqual({ id: version, value: expect.stringMatching(/^[\w-]{64}$/) });
    expect(previous?.id).toBe('v1');
  });

  it.each([
    ['its ARN', `${arnOf('stage-list-cursors')}-a1B2c3`],
    ['its name', 'stage-list-cursors'],
  ])('knows a secret by %s, and asks for it by the name it knows itself', async (_, SecretId) => {
    const { asked, step } = given();
    await step({ Step: 'createSecret', SecretId, ClientRequestToken: version });
    expect(asked).toEqual(['stage-list-cursors']);
  });

  it.each([
    `${arnOf('stage-pseudonyms')}-a1B2c3`,
    `${arnOf('other-stage-token-signing')}-a1B2c3`,
    `${arnOf('stage-token-signing-a1B2c3')}-a1B2c3`,
    arnOf('stage-token-signing'),
    'token-signing',
    '',
  ])("does not touch a secret that is not its own: '%s'", async (SecretId) => {
    const { asked, step } = given();
    await expect(
      step({ Step: 'createSecret', SecretId, ClientRequestToken: version }),
    ).rejects.toThrow('is not rotated here');
    expect(asked).toEqual([]);
  });

  it.each([
    [{}],
    [{ Step: 'createSecret', SecretId: 'stage-token-signing' }],
    [{ Step: 'createSecret', SecretId: 'stage-token-signing', ClientRequestToken: '' }],
    [undefined],
  ])('refuses what is no call of Secrets Manager’s: %j', async (call) => {
    await expect(given().step(call)).rejects.toMatchObject({ name: 'ZodError' });
  });

  it('makes no version current that cannot do what its secret is for', async () => {
    const { secret, step } = given();
    await secret.fill(version, 'short');
    const call = { SecretId: 'stage-token-signing', ClientRequestToken: version };
    for (const Step of ['testSecret', 'finishSecret'])
      await expect(step({ ...call, Step })).rejects.toThrow('HS256 needs 32');
    expect((await secret.look()).current).toBe('v1');
  });

  it('makes another value each time', async () => {
    const values = new Set<string | undefined>();
    for (let i = 0; i < 20; i++) {
      const { secret, step } = given();
      const SecretId = 'stage-token-signing';
      await step({ Step: 'createSecret', SecretId, ClientRequestToken: version });
      values.add(await secret.value(version));
    }
    expect(values.size).toBe(20);
  });
});

describe('what a version must do', () => {
  it('signs no tokens with too little', async () => {
    const weak = { id: version, value: 'short' };
    await expect(works['token-signing'](weak)).rejects.toThrow('HS256 needs 32');
  });

  it('seals no cursors under a name that no cursor can carry', async () => {
    const strange = { id: 'a.b', value: 'x'.repeat(64) };
    expect(await works['list-cursors'](strange)).toBe(false);
  });
});
