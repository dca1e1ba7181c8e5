/**
 * What reviewers of templates say against ours, and why it stays so: cdk-nag (its packs AwsSolutions
 * and Serverless) and cfn-lint. The tests fail on a finding that no row accepts, and on a row that
 * accepts nothing. Permissions wider than one thing have a table of their own (wide-permissions.ts).
 */
import type { Stage } from '#functions/tables/names.ts';

export interface AcceptedFinding {
  /** As its tool names it. */
  readonly rule: string;
  /** cdk-nag: the path of the construct. cfn-lint: stack and path in the template. */
  readonly where: RegExp;
  /** Absent: in every stage. */
  readonly stage?: Stage;
  readonly reason: string;
}

const xRayAndStreams =
  'X-Ray has no resources to name, and ListStreams lists those of an account: these two are all (wide-permissions.ts).';
const nobodyInvokesAsynchronously =
  'Gateway, queues and streams wait for an answer and keep what failed. A schedule runs again in a minute, and a minute that was lost is nothing that could be worked off later; a rotation that fails is begun again by Secrets Manager itself. Alarms tell of all of them.';
const traced = 'The local engine has no X-Ray; the stages on AWS are traced.';
const tokensAreOurs =
  'Callers are known by bearer tokens of our own, which each function verifies against a secret that rotates, behind an API key and plan of the gateway. There is no user pool.';

export const acceptedByNag: readonly AcceptedFinding[] = [
  {
    rule: 'AwsSolutions-APIG2',
    where: /^Service\/api\/Resource$/,
    reason:
      'The functions check every body, path and query against the schemas that openapi.yaml is made of, after the limits. A model at the gateway would be a second copy that answers before them, and without pointers.',
  },
  {
    rule: 'AwsSolutions-APIG3',
    where: /^Service\/api\/DeploymentStage\.v1\/Resource$/,
    reason:
      'WAF bills by the month, so it is an option (wafRate). Plans hold each key, and the limits each address, without it.',
  },
  {
    rule: 'AwsSolutions-APIG4',
    where: /^Service\/api\/Default\/.+\/(GET|POST|PUT|PATCH|DELETE)\/Resource$/,
    reason: tokensAreOurs,
  },
  {
    rule: 'AwsSolutions-COG4',
    where: /^Service\/api\/Default\/.+\/(GET|POST|PUT|PATCH|DELETE)\/Resource$/,
    reason: tokensAreOurs,
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    where: /^Service\/api\/CloudWatchRole\/Resource$/,
    reason:
      'One role for all APIs of the account and region, which others may come to rely on; API Gateway refuses one that may do less.',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
    where: /^Recovery\/plan\/tables\/Role\/Resource$/,
    reason:
      'What a backup needs changes with AWS Backup itself, and a role that lags behind makes copies fail unseen. Only AWS Backup can take it on.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    where: /^Service\/[a-z-]+-role\/DefaultPolicy\/Resource$/,
    reason: xRayAndStreams,
  },
  {
    rule: 'AwsSolutions-SMG4',
    where: /^State\/pseudonyms\/Resource$/,
    reason:
      'Its hash joins the lines of one user over time and gives access to nothing: a new key would cut every story in two.',
  },
  {
    rule: 'AwsSolutions-SMG4',
    where: /^State\/(token-signing|list-cursors)\/Resource$/,
    reason:
      'They are rotated: the schedule stands beside the function that does it, in the service stack, and the rule looks in the stack of the secret only.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    where: /^Service\/outbox-relay\/given-up\/Resource$/,
    reason:
      'It holds what the stream gave up, for a person to see: the sweeper does the work, no function reads it, and an alarm watches it.',
  },
  {
    rule: 'Serverless-APIGWXrayEnabled',
    where: /^Service\/api\/DeploymentStage\.v1\/Resource$/,
    stage: 'local',
    reason: traced,
  },
  {
    rule: 'Serverless-LambdaTracing',
    where: /^Service\/[a-z-]+\/Resource$/,
    stage: 'local',
    reason: traced,
  },
  {
    rule: 'Serverless-EventBusDLQ',
    where: /^Service\/[a-z-]+\/schedule\/Resource$/,
    reason: nobodyInvokesAsynchronously,
  },
  {
    rule: 'Serverless-LambdaAsyncFailureDestination',
    where: /^Service\/[a-z-]+\/EventInvokeConfig\/Resource$/,
    reason: nobodyInvokesAsynchronously,
  },
  {
    rule: 'Serverless-LambdaDLQ',
    where: /^Service\/[a-z-]+\/Resource$/,
    reason: nobodyInvokesAsynchronously,
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    where: /^Service\/[a-z-]+\/(queue|letters-of-[a-z:-]+)\/Resource$/,
    reason:
      'A mapping of a queue has no destination: what fails stays in the queue, whose redrive moves it to its dead letters.',
  },
  {
    rule: 'Serverless-SNSRedrivePolicy',
    where: /^Observability\/(page|ticket)\//,
    reason:
      'An alarm that could not be told is still red, and on the dashboard. A queue of alarms that nobody heard would need an alarm, told the same way.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    where: /^Service\/[a-z:-]+\/(dead-letters|given-up)\/Resource$/,
    reason:
      'It is where letters end. The parker empties it, or the sweeper makes up for it, and an alarm watches it.',
  },
];

export const acceptedByLint: readonly AcceptedFinding[] = [
  {
    rule: 'W3005',
    where: /^service Resources\/\w+\/DependsOn\/\d+$/,
    reason:
      'The CDK lets every function wait for its role and for what that allows; the first half is said twice, which changes nothing.',
  },
];
