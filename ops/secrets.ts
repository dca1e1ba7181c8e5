/** `npm run ops -- secrets …`: the versions of the secrets, and a rotation before its time. */
import { setTimeout as wait } from 'node:timers/promises';
import { retention } from '#functions/tables/retention.ts';
import {
  type SecretName,
  type SecretRow,
  secrets as secretRows,
} from '#functions/tables/secrets.ts';
import { longestStaleMs } from '#shared/secrets/keyring.ts';
import { type Bar, progressBar } from './progress-bar.ts';
import { type SecretDesk, type SecretState, secretDesk } from './secret-desk.ts';
import { readSecretsOptions, type SecretsOrder } from './secrets-options.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { type Said, say } from './stage-options.ts';

export interface SecretsParts {
  readonly desk: SecretDesk;
  readonly tell: (said: Said) => void;
  readonly bar?: Bar;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

type Rotation = Extract<SecretsOrder, { readonly order: 'rotate' }>;

/** What was made with a version may be good for so long after the next one has become current. */
const followMs = retention.tokenMs + longestStaleMs;

const lookEveryMs = 1_000;

/** @returns the exit code: 0 done, 1 not, and why has been told. */
export async function secretsCommand(
  asked: SecretsOrder & { readonly dryRun: boolean },
  parts: SecretsParts,
): Promise<number> {
  if (asked.order === 'rotate') return rotate(asked, parts);
  for (const name of Object.keys(secretRows) as SecretName[])
    parts.tell(lineOf(name, await parts.desk.state(name)));
  return 0;
}

function lineOf(name: SecretName, state: SecretState): Said {
  const { rotatedEveryDays }: SecretRow = secretRows[name];
  const { enabled, current, previous, pending } = state;
  const [rotatedAt, nextAt] = [state.rotatedAtMs, state.nextAtMs].map(
    (ms) => ms && new Date(ms).toISOString(),
  );
  const interval = rotatedEveryDays === undefined ? 'never' : `every ${rotatedEveryDays} days`;
  const schedule = rotatedEveryDays !== undefined && !enabled ? ', no schedule here' : '';
  const parts = [
    `${name}  rotated ${interval}${schedule}`,
    rotatedAt && `last ${rotatedAt}`,
    nextAt && `next ${nextAt}`,
    `current ${current ?? 'none'}`,
    previous && `previous ${previous}`,
    pending && `pending ${pending}`,
  ];
  return {
    text: parts.filter(Boolean).join('  '),
    facts: {
      ...{ secret: name, rotatedEveryDays, enabled, rotatedAt, nextAt },
      ...{ current, previous, pending },
    },
  };
}

async function rotate(
  { name, withinMs, again, dryRun }: Rotation & { readonly dryRun: boolean },
  { desk, tell, bar, now = Date.now, sleep = wait }: SecretsParts,
): Promise<number> {
  const before = await desk.state(name);
  const hindrance = hindranceOf(before, again, now());
  if (hindrance !== undefined) {
    tell({ text: `${name}: ${hindrance}`, facts: { secret: name, rotated: false, hindrance } });
    return 1;
  }
  if (dryRun) {
    const dropped = before.previous
      ? `, and ${before.previous} dropped: what it has made is refused from then on`
      : '';
    tell({
      text: `${name}: ${before.current} would become the previous version${dropped}`,
      facts: { secret: name, previous: before.current, dropped: before.previous, dryRun },
    });
    return 0;
  }

  const beganMs = now();
  const version = await desk.rotate(name);
  const isCurrent = async () => (await desk.state(name)).current === version;
  while (!(await isCurrent())) {
    const elapsedMs = now() - beganMs;
    if (elapsedMs >= withinMs) {
      bar?.clear();
      tell({
        text: `${name}: version ${version} is not current after ${withinMs / 1_000} s; Secrets Manager tries on, and what is current stays so (docs/runbooks/rotate-secret.md)`,
        facts: { secret: name, rotated: false, pending: version },
      });
      return 1;
    }
    bar?.show(elapsedMs / 1_000, withinMs / 1_000, 's');
    await sleep(lookEveryMs);
  }
  bar?.clear();
  if (await desk.copied(name)) {
    const hindrance = 'the engine has only copied the value: it calls no rotation function';
    tell({ text: `${name}: ${hindrance}`, facts: { secret: name, rotated: false, hindrance } });
    return 1;
  }
  tell({
    text: `${name}: version ${version} is current; ${before.current} is accepted until the next rotation`,
    facts: { secret: name, rotated: true, current: version, previous: before.current },
  });
  return 0;
}

/** Why there can be no rotation now. */
function hindranceOf(
  { pending, previous, rotatedAtMs }: SecretState,
  again: boolean,
  nowMs: number,
): string | undefined {
  if (pending !== undefined)
    return `a rotation to ${pending} is under way, or has failed (docs/runbooks/rotate-secret.md)`;
  if (again || previous === undefined || rotatedAtMs === undefined) return undefined;
  const earliestMs = rotatedAtMs + followMs;
  return nowMs < earliestMs
    ? `what ${previous} has made may be good until ${new Date(earliestMs).toISOString()}, and would be refused; --again rotates all the same`
    : undefined;
}

export async function secrets(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...asked } = readSecretsOptions(args);
  enterStage(stage, { ...stackOptions, port });
  return secretsCommand(asked, {
    desk: secretDesk(stage),
    tell: say(json, out),
    bar: progressBar(),
  });
}
