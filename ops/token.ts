/** `npm run -s token -- --tenant acme --user u1 --role user`: prints a bearer token and nothing else. */
import { parseArgs } from 'node:util';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { assertBearer, type Bearer, roles, signToken } from '#shared/auth/token.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import { enterStage, StackMissingError, type StackOptions } from './stack.ts';
import { whyUnreachable } from './unreachable.ts';
import { UsageError } from './usage-error.ts';

export const usage = `usage: npm run -s token -- --tenant <tenant> --user <user> --role <${roles.join('|')}>
  --expires-in <seconds>   how long it is good, 1 to 86400 (default 3600)
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
  const { stage } = values;
  if (stage !== 'local' && stage !== 'sandbox')
    throw new UsageError(`--stage must be local or sandbox, got '${stage}'`);
  return {
    bearer: possible({ tenant, user, role: known }),
    expiresInMs: 1000 * wholeNumber('--expires-in', values['expires-in'], 86_400),
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
  try {
    return parseArgs({
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
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most))
    throw new UsageError(`${option} must be a whole number from 1 to ${most}, got '${text}'`);
  return number;
}

/** @throws what Secrets Manager's client throws when the stage's secret cannot be read. */
async function signingKey(stage: Stage) {
  const secretId = resourceName(stage, 'token-signing');
  return (await secretsManagerSource({ client: secretsManagerClient(), secretId }).read()).current;
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
    out(`${await signToken(bearer, { key: await signingKey(stage), expiresInMs })}\n`);
    return 0;
  } catch (error) {
    if (error instanceof StackMissingError) {
      err(`${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof UsageError) {
      err(`${error.message}\n${usage}`);
      return 2;
    }
    const why = whyUnreachable(error);
    if (why === undefined) throw error;
    err(`${why}\n`);
    return 3;
  }
}

if (import.meta.main)
  process.exitCode = await token(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
