/** Whether the caller's account can be worked on, and which one it is: asked before anything changes. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import type { Stage } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';

/** Where the caller's credentials lead. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** The ARN of who calls. */
  readonly caller: string;
  /** Where all of it goes instead of to AWS, if somebody said so. */
  readonly endpoint: string | undefined;
}

const patient = () => clientOptions(patience);

/** @throws EnvironmentMissing without a region, or without credentials that are good. */
export async function placeOfCaller(): Promise<Place> {
  const region = await regionOfCaller();
  try {
    const { Account: account, Arn: caller } = await new STSClient(patient()).send(
      new GetCallerIdentityCommand({}),
    );
    if (!account || !caller) throw new Error('AWS says neither account nor caller');
    return { account, region, caller, endpoint: process.env['AWS_ENDPOINT_URL'] };
  } catch (error) {
    throw new EnvironmentMissing(whyUnknown(error as Error));
  }
}

async function regionOfCaller(): Promise<string> {
  const { config } = new CloudFormationClient(patient());
  try {
    return await config.region();
  } catch {
    throw new EnvironmentMissing(
      'no region is set. Set AWS_REGION, or a region in your profile (aws configure).',
    );
  }
}

const login =
  'Log in (aws sso login), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

const refused =
  /^(ExpiredToken.*|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/;

function whyUnknown({ name, message }: Error): string {
  if (name === 'CredentialsProviderError')
    return `no AWS credentials were found (${message}).\n${login}`;
  if (refused.test(name))
    return `AWS does not take these credentials (${name}: ${message}).\n${login}`;
  return `AWS cannot be asked whose credentials these are (${name}: ${message}).`;
}

/** Where the CDK notes the version of what `cdk bootstrap` made. */
const bootstrapParameter = '/cdk-bootstrap/hnb659fds/version';

/** What the CDK's own stacks ask for since they have roles of their own. */
const leastBootstrap = 6;

/** @throws EnvironmentMissing with the command to run, for an account that the CDK is new to. */
export async function assertBootstrapped(
  { account, region }: Pick<Place, 'account' | 'region'>,
  stage: Stage,
): Promise<void> {
  const version = await bootstrapVersion();
  if (version !== undefined && version >= leastBootstrap) return;
  throw new EnvironmentMissing(
    `account ${account} is not prepared for the CDK in ${region}${version === undefined ? '' : ` (version ${version}, and ${leastBootstrap} is needed)`}. Once for each account and region:\n  npx cdk bootstrap aws://${account}/${region} --context stage=${stage}`,
  );
}

async function bootstrapVersion(): Promise<number | undefined> {
  try {
    const { Parameter } = await new SSMClient(patient()).send(
      new GetParameterCommand({ Name: bootstrapParameter }),
    );
    return Number(Parameter?.Value);
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Lambda keeps so much of an account's concurrency for functions that reserve none. */
const keptUnreserved = 100;

/** @throws EnvironmentMissing where the account cannot reserve what the functions ask for. */
export async function assertConcurrency(): Promise<void> {
  const rows: readonly FunctionRow[] = Object.values(functions);
  const needed = rows.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
  const { AccountLimit } = await new LambdaClient(patient()).send(
    new GetAccountSettingsCommand({}),
  );
  const quota = AccountLimit?.ConcurrentExecutions ?? 0;
  if (quota >= needed + keptUnreserved) return;
  throw new EnvironmentMissing(
    `the functions reserve ${needed}, Lambda keeps ${keptUnreserved} unreserved, and this account has ${quota} in all.\nAsk for a higher quota of concurrent executions (Service Quotas), or leave out --reserve-concurrency.`,
  );
}
