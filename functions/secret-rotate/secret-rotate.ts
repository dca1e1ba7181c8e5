/** One step in the rotation of one of our secrets: which secret it is, and what a new version must do. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { signToken, verifyToken } from '#shared/auth/token.ts';
import { cursorKeyId, openCursor, sealCursor } from '#shared/cursor/cursor.ts';
import type { RotatingSecret } from '#shared/secrets/rotating-secret.ts';
import { type RotationDid, RotationRefusedError, rotation } from '#shared/secrets/rotation.ts';
import type { SecretVersion } from '#shared/secrets/secret-source.ts';
import type { Listener } from '#shared/telemetry/resilience-event.ts';
import type { RotatedSecretName } from '../tables/secrets.ts';

/** What Secrets Manager calls with. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
const callSchema = z.object({
  Step: z.string(),
  SecretId: z.string(),
  ClientRequestToken: z.string().min(1),
});

type Works = (candidate: SecretVersion) => boolean | Promise<boolean>;

/** What a secret is for, done once with the version alone. */
export const works: Readonly<Record<RotatedSecretName, Works>> = {
  async 'token-signing'(candidate) {
    const bearer = { tenant: 'rotation', user: 'rotation', role: 'user' } as const;
    const token = await signToken(bearer, { key: candidate, expiresInMs: 60_000 });
    const key = async (id: string) => (id === candidate.id ? candidate : undefined);
    return (await verifyToken(token, { key })).verified;
  },
  'list-cursors'(candidate) {
    const cursor = sealCursor(candidate, ['rotation'], 'end');
    return (
      cursorKeyId(cursor) === candidate.id && openCursor(candidate, ['rotation'], cursor) === 'end'
    );
  },
};

/** 384 bits as 64 characters: HS256 and the cursors' HMAC need 256. */
const newValue = (): string => randomBytes(48).toString('base64url');

export interface SecretRotateOptions {
  /** As in the function's environment. */
  readonly secretIds: Readonly<Record<RotatedSecretName, string>>;
  /** The secret under an id of ours: the id of a call goes nowhere. */
  readonly secretOf: (secretId: string) => RotatingSecret;
  readonly listen: Listener;
}

export interface StepDone {
  readonly secret: RotatedSecretName;
  readonly step: string;
  readonly version: string;
  readonly did: RotationDid;
}

/** @throws RotationRefusedError, ZodError for what is no call of Secrets Manager's, or the secret's own error. */
export const secretRotate =
  ({ secretIds, secretOf, listen }: SecretRotateOptions) =>
  async (call: unknown): Promise<StepDone> => {
    const { Step: step, SecretId, ClientRequestToken: version } = callSchema.parse(call);
    const names = Object.keys(secretIds) as RotatedSecretName[];
    const secret = names.find((name) => isSecret(SecretId, secretIds[name]));
    if (!secret) throw new RotationRefusedError(`${SecretId} is not rotated here`);
    const rotate = rotation({
      secret: secretOf(secretIds[secret]),
      newValue,
      works: works[secret],
      subject: secret,
      listen,
    });
    return { secret, step, version, did: await rotate(step, version) };
  };

/** Secrets Manager names a secret by its ARN, which ends in its name and six characters. */
const isSecret = (called: string, name: string): boolean =>
  called === name || /^arn:.*:secret:(.+)-\w{6}$/.exec(called)?.[1] === name;
