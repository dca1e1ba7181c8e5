/**
 * The rotation of a secret that nobody but its own readers knows, in the four steps of Secrets Manager.
 *
 * Secrets Manager calls each step in its order, and all of them again when one has failed, under the
 * id of the new version. So every step finds out from the secret itself what is still to be done, and
 * may be called any number of times, at any time, also beside itself.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { RotatingSecret } from './rotating-secret.ts';
import type { SecretVersion } from './secret-source.ts';

export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** The step is not carried out, and the secret is as it was. Secrets Manager hears of it as a failure. */
export class RotationRefusedError extends Error {
  override name = 'RotationRefusedError';
}

/** What a step came to. `kept`: it had been done before. */
export type RotationDid = 'made' | 'kept' | 'nothing' | 'tested' | 'promoted';

export interface RotationOptions {
  readonly secret: RotatingSecret;
  /** Makes the text of a new version. */
  readonly newValue: () => string;
  /** Whether the version does what the secret is for. */
  readonly works: (candidate: SecretVersion) => boolean | Promise<boolean>;
  /** The secret's name, for errors and events. */
  readonly subject: string;
  readonly listen?: Listener;
}

/** @throws RotationRefusedError, or what the secret throws. */
export type Rotate = (step: string, version: string) => Promise<RotationDid>;

/**
 * @example
 * const rotate = rotation({ secret, newValue, works, subject: 'token-signing' });
 * await rotate('createSecret', version);
 */
export function rotation({
  secret,
  newValue,
  works,
  subject,
  listen = silent,
}: RotationOptions): Rotate {
  const refusal = (because: string) => new RotationRefusedError(`${subject}: ${because}`);

  const tell = (happened: string, version: string) =>
    listen({ pattern: 'secrets', happened, subject, severity: 'info', facts: { version } });

  async function create(version: string): Promise<RotationDid> {
    if ((await secret.value(version)) !== undefined) return 'kept';
    // Somebody else may have filled it since: then theirs is the value, and this one is forgotten.
    if (!(await secret.fill(version, newValue()))) return 'kept';
    tell('version-made', version);
    return 'made';
  }

  async function test(version: string): Promise<void> {
    const value = await secret.value(version);
    if (value === undefined) throw refusal(`version ${version} has no value yet`);
    if (!(await works({ id: version, value })))
      throw refusal(`version ${version} does not do what the secret is for`);
  }

  async function finish(version: string, current: string): Promise<RotationDid> {
    // Nothing here says that it was tested, and to test it costs one read.
    await test(version);
    if (await secret.promote(version, current)) {
      tell('rotated', version);
      return 'promoted';
    }
    if ((await secret.look()).current === version) return 'kept';
    throw refusal(`version ${current}, which ${version} was to follow, is not current any more`);
  }

  return async (step, version) => {
    const known = rotationSteps.find((one) => one === step);
    if (!known) throw refusal(`there is no step '${step}'`);
    const { enabled, current, pending } = await secret.look();
    if (!enabled) throw refusal('it is not set up for rotation');
    if (current === version) return 'kept';
    if (pending !== version) throw refusal(`version ${version} is not pending`);
    switch (known) {
      case 'createSecret':
        return create(version);
      case 'setSecret':
        // There is no other party that would have to be told: whoever uses the secret reads it.
        return 'nothing';
      case 'testSecret':
        await test(version);
        return 'tested';
      case 'finishSecret':
        return finish(version, current);
    }
  };
}
