/** `npm run -s token -- --tenant acme --user u1 --role user`: prints a bearer token and nothing else. */
import type { Stage } from '#functions/tables/names.ts';
import { retention } from '#functions/tables/retention.ts';
import { assertBearer, type Bearer, roles } from '#shared/auth/token.ts';
import { bearerToken } from './bearer-token.ts';
import { failed, readOptions, stageNamed, wholeNumber } from './command-line.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { UsageError } from './usage-error.ts';

const longestSeconds = retention.tokenMs / 1_000;

export const usage = `usage: npm run -s token -- --tenant <tenant> --user <user> --role <${roles.join('|')}>
  --expires-in <seconds>   how long it is good, 1 to ${longestSeconds} (default 3600)
  --stage <local|sandbox>  whose secret signs it (default local: the stack on this machine)
  --port <port>            the local stack whose endpoint has this port (default: the first one)
`;

interface Wanted {
  readonly bearer: Bearer;
  readonly expiresInMs: number;
  readonly stage: Stage;
  readonly port: number | undefined;
}

function readArguments(args: readonly string[]): Wanted | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  const { tenant, user, role } = values;
  if (!tenant || !user || !role) throw new UsageError('--tenant, --user and --role are needed');
  const known = roles.find((one) => one === role);
  if (!known) throw new UsageError(`--role must be one of ${roles.join(', ')}, got '${role}'`);
  const stage = stageNamed(values.stage);
  return {
    bearer: possible({ tenant, user, role: known }),
    expiresInMs: 1000 * wholeNumber('--expires-in', values['expires-in'], longestSeconds),
    stage,
    port: values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535),
  };
}

function possible(bearer: Bearer): Bearer {
  try {
    assertBearer(bearer);
    return bearer;
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`);
  }
}

function parse(args: readonly string[]) {
  return readOptions({
    args: [...args],
    options: {
      tenant: { type: 'string' },
      user: { type: 'string' },
      role: { type: 'string' },
      'expires-in': { type: 'string', default: '3600' },
      stage: { type: 'string', default: 'local' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
}

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @returns the exit code: 0 done, 2 used wrongly, 3 no stack. */
export async function token(
  args: readonly string[],
  { out, err }: Output,
  options: StackOptions = {},
): Promise<number> {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      out(usage);
      return 0;
    }
    const { bearer, expiresInMs, stage, port } = wanted;
    enterStage(stage, { ...options, port });
    out(`${await bearerToken(stage, bearer, expiresInMs)}\n`);
    return 0;
  } catch (error) {
    return failed(error, usage, err);
  }
}

if (import.meta.main)
  process.exitCode = await token(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
