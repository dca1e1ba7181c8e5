/**
 * `npm run deploy` and `npm run destroy`: the CDK's own command line for a stage in somebody's AWS
 * account, with their own credentials. It shows what will change and asks, unless told otherwise.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import type { Stage } from '#functions/tables/names.ts';
import { stages } from '#infra/config.ts';
import { readOptions } from '#ops/command-line.ts';
import { UsageError } from '#ops/usage-error.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { cdkAtTerminal } from './cdk.ts';

export type AccountCommand = 'deploy' | 'destroy';

const remoteStages = Object.keys(stages).filter((stage) => stage !== 'local');

const usage = (command: AccountCommand): string =>
  `usage: npm run ${command} -- --stage <${remoteStages.join('|')}> [options]
  --dry-run              only show what would ${command === 'deploy' ? 'change' : 'go'}
  --yes                  do not ask${
    command === 'deploy'
      ? `
  --alarm-email ADDRESS  who hears of alarms
  --reserve-concurrency  reserve it as functions/tables says; the account's quota must allow it`
      : ''
  }
`;

/** What the CDK is told. @throws UsageError */
export function toCdkArguments(command: AccountCommand, args: readonly string[]): string[] {
  const { stage, yes, ...options } = optionsOf(command, args);
  if (stage === undefined) throw new UsageError('--stage is needed');
  if (stage === 'local')
    throw new UsageError(
      `stage local is on this machine: npm start ${command === 'deploy' ? 'deploys it' : 'takes it down with Ctrl-C'}`,
    );
  if (!remoteStages.includes(stage))
    throw new UsageError(`--stage must be ${remoteStages.join(' or ')}, got '${stage}'`);
  const told = [
    `stage=${stage satisfies string as Stage}`,
    ...(options['alarm-email'] ? [`alarmEmail=${options['alarm-email']}`] : []),
    ...(options['reserve-concurrency'] ? ['reservedConcurrency=true'] : []),
  ].flatMap((context) => ['--context', context]);
  if (options['dry-run'])
    return command === 'deploy' ? ['diff', ...told] : ['list', '--long', ...told];
  if (command === 'deploy')
    return ['deploy', '--all', ...told, '--require-approval', yes ? 'never' : 'any-change'];
  return ['destroy', '--all', ...told, ...(yes ? ['--force'] : [])];
}

function optionsOf(command: AccountCommand, args: readonly string[]) {
  const common = {
    stage: { type: 'string' },
    'dry-run': { type: 'boolean' },
    yes: { type: 'boolean' },
  } as const;
  const ofDeploy = {
    'alarm-email': { type: 'string' },
    'reserve-concurrency': { type: 'boolean' },
  } as const;
  const { values } = readOptions({
    args: [...args],
    options: command === 'deploy' ? { ...common, ...ofDeploy } : common,
  });
  return values as Partial<
    Record<'stage' | 'alarm-email', string> &
      Record<'dry-run' | 'yes' | 'reserve-concurrency', boolean>
  >;
}

/** Why the caller's environment cannot reach an account, or undefined when it can. */
export async function missingAccess(): Promise<string | undefined> {
  const { config } = new CloudFormationClient(clientOptions(patience));
  try {
    await config.region();
  } catch {
    return 'no region is set. Set AWS_REGION, or a region in your profile (aws configure).';
  }
  try {
    await config.credentials();
    return undefined;
  } catch (error) {
    return `no AWS credentials were found (${(error as Error).message}).\nLog in (aws sso login), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`;
  }
}

/** Lambda keeps so much of an account's concurrency for functions that reserve none. */
const keptUnreserved = 100;

/** Why the account cannot reserve what the functions ask for, or undefined when it can. */
export async function missingConcurrency(): Promise<string | undefined> {
  const rows: readonly FunctionRow[] = Object.values(functions);
  const needed = rows.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
  const { AccountLimit } = await new LambdaClient(clientOptions(patience)).send(
    new GetAccountSettingsCommand({}),
  );
  const quota = AccountLimit?.ConcurrentExecutions ?? 0;
  return quota >= needed + keptUnreserved
    ? undefined
    : `the functions reserve ${needed}, Lambda keeps ${keptUnreserved} unreserved, and this account has ${quota} in all.\nAsk for a higher quota of concurrent executions (Service Quotas), or leave out --reserve-concurrency.`;
}

/** @returns the exit code: 0 done, 1 failed or declined, 2 used wrongly, 3 no account in reach. */
export async function accountCommand(
  command: AccountCommand,
  args: readonly string[],
): Promise<number> {
  let cdkArguments: string[];
  try {
    cdkArguments = toCdkArguments(command, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${usage(command)}`);
    return 2;
  }
  const missing =
    (await missingAccess()) ??
    (cdkArguments.includes('reservedConcurrency=true') ? await missingConcurrency() : undefined);
  if (missing) {
    console.error(missing);
    return 3;
  }
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  if (endpoint) console.error(`AWS_ENDPOINT_URL is set: this goes to ${endpoint}, not to AWS.`);
  return (await cdkAtTerminal(cdkArguments, process.env)) === 0 ? 0 : 1;
}
