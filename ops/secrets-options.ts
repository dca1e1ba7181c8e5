/** What `npm run ops -- secrets …` was asked for. */
import {
  type RotatedSecretName,
  rotatedSecrets,
  type SecretName,
  secrets,
} from '#functions/tables/secrets.ts';
import { assertOwnOptions, readOptions, wholeNumber } from './command-line.ts';
import {
  everywhere,
  type OnStage,
  readStageOptions,
  stageOptions,
  stageOptionsUsage,
} from './stage-options.ts';
import { UsageError } from './usage-error.ts';

export const secretsUsage = `usage: npm run ops -- secrets list | rotate <secret> [options]
  list                     each secret with its versions and its rotation; never a value
  rotate <${rotatedSecrets.join('|')}>
                           a new version at once, and waits until it is current
    --within <seconds>     waits no longer, 1 to 3600 (default 120)
    --again                also when tokens of the version that it drops may still be good: they are refused then
    --dry-run              says what it would do, and does not do it
exit code: 0 when the new version is current, 1 when it is not, or may not be made yet
${stageOptionsUsage}
`;

export type SecretsOrder =
  | { readonly order: 'list' }
  | {
      readonly order: 'rotate';
      readonly name: RotatedSecretName;
      readonly withinMs: number;
      readonly again: boolean;
    };

/** @throws UsageError */
export function readSecretsOptions(args: readonly string[]): SecretsOrder & OnStage {
  const { values, positionals, tokens } = readOptions({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      ...stageOptions,
      within: { type: 'string', default: '120' },
      again: { type: 'boolean', default: false },
    },
  });
  const [order, ...named] = positionals;
  const own = order === 'rotate' ? ['within', 'again', 'dry-run'] : [];
  if (order !== 'list' && order !== 'rotate')
    throw new UsageError(
      order ? `there is no 'secrets ${order}'` : 'what with the secrets? list, rotate',
    );
  assertOwnOptions(`secrets ${order}`, tokens, [...own, ...everywhere]);
  const [name, ...rest] = named;
  const stray = order === 'list' ? named : rest;
  if (stray.length > 0) throw new UsageError(`what is '${stray.join(' ')}' for?`);
  const onStage = readStageOptions(values);
  if (order === 'list') return { order, ...onStage };
  return {
    order,
    name: secretNamed(name),
    withinMs: 1_000 * wholeNumber('--within', values.within, 3_600),
    again: values.again,
    ...onStage,
  };
}

function secretNamed(text: string | undefined): RotatedSecretName {
  const name = rotatedSecrets.find((one) => one === text);
  if (name) return name;
  const choice = rotatedSecrets.join(' or ');
  if (text === undefined) throw new UsageError(`which secret: ${choice}?`);
  throw new UsageError(
    (Object.keys(secrets) as SecretName[]).some((one) => one === text)
      ? `'${text}' is never rotated`
      : `there is no secret '${text}' to rotate: ${choice}`,
  );
}
