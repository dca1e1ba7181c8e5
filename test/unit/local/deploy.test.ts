import { devNull } from 'node:os';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { missingAccess, missingConcurrency, toCdkArguments } from '#local/account-command.ts';
import { reasonsOf } from '#local/cdk.ts';
import { countResources } from '#local/deploy.ts';
import { UsageError } from '#ops/usage-error.ts';

describe('the progress of a deployment', () => {
  const templates = [
    {
      stackName: 'state',
      template: { Resources: { a: { Type: 'AWS::SQS::Queue' }, b: { Type: 'AWS::SQS::Queue' } } },
    },
    { stackName: 'service', template: { Resources: { c: { Type: 'AWS::SQS::Queue' } } } },
  ];
  const event = (status: string, type = 'AWS::SQS::Queue') =>
    `state |   1 | 11:35:47 AM | ${status.padEnd(23)} | ${type} | State/a (a1B2)`;

  it('counts the resources that are made, out of all stacks', () => {
    const count = countResources(templates);
    expect(count(event('CREATE_COMPLETE'))).toBe('1 of 3 resources');
    expect(count(event('CREATE_COMPLETE'))).toBe('2 of 3 resources');
  });

  it.each([
    event('CREATE_IN_PROGRESS'),
    event('CREATE_FAILED'),
    event('CREATE_COMPLETE', 'AWS::CloudFormation::Stack'),
    '✅  State (state)',
  ])('does not count %s', (line) => {
    expect(countResources(templates)(line)).toBeUndefined();
  });
});

/** As the CDK's command line 2.1148.1 says them. */
describe('the reasons of a failure', () => {
  it('are those of the resource that failed, without the progress before it', () => {
    const lines = [
      '✅  Observability (observability)',
      'state | 2 | 11:39:16 AM | CREATE_FAILED | AWS::SQS::Queue | badq Can only include …',
      'state | 1 | 11:39:16 AM | CREATE_COMPLETE | AWS::SQS::Queue | good',
      '',
      'Failed resources:',
      'state | 11:39:16 AM | CREATE_FAILED | AWS::SQS::Queue | badq Can only include …',
      '❌  state failed to deploy',
      '‣ DeploymentError: Resource updates failed:',
      'State/badq  (AWS::SQS::Queue badq)',
      '  Can only include alphanumeric characters',
    ];
    expect(reasonsOf(lines)).toBe(
      [
        'DeploymentError: Resource updates failed:',
        'State/badq  (AWS::SQS::Queue badq)',
        '  Can only include alphanumeric characters',
      ].join('\n'),
    );
  });

  it('are the errors of the app, without its stack', () => {
    const lines = [
      'node:internal/modules/run_main:107',
      '    triggerUncaughtException(',
      '    ^',
      '',
      'Error: Build failed with 1 error:',
      'functions/create-order/handler.ts:10:24: ERROR: Could not resolve "../publish.ts"',
      '    at failureErrorWithLog (/somewhere/esbuild/lib/main.js:1752:15)',
      '    at Socket.emit (node:events:514:28) {',
      '  errors: [',
      'Node.js v24.21.0',
      'node infra/app.ts: Subprocess exited with error 1',
    ];
    expect(reasonsOf(lines)).toBe(
      [
        'Error: Build failed with 1 error:',
        'functions/create-order/handler.ts:10:24: ERROR: Could not resolve "../publish.ts"',
      ].join('\n'),
    );
  });

  it('are the end of the output where it names none', () => {
    expect(reasonsOf(['There is no stage: say -c stage=local.', ''])).toBe(
      'There is no stage: say -c stage=local.',
    );
  });
});

describe('deploy and destroy', () => {
  it.each([
    [
      'deploy',
      '--stage sandbox',
      'deploy --all --context stage=sandbox --require-approval any-change',
    ],
    [
      'deploy',
      '--stage sandbox --yes --alarm-email a@b.example --reserve-concurrency',
      'deploy --all --context stage=sandbox --context alarmEmail=a@b.example --context reservedConcurrency=true --require-approval never',
    ],
    ['deploy', '--stage sandbox --dry-run', 'diff --context stage=sandbox'],
    ['deploy', '--stage sandbox --dry-run --yes', 'diff --context stage=sandbox'],
    ['destroy', '--stage sandbox', 'destroy --all --context stage=sandbox'],
    ['destroy', '--stage sandbox --yes', 'destroy --all --context stage=sandbox --force'],
    ['destroy', '--stage sandbox --dry-run --yes', 'list --long --context stage=sandbox'],
  ] as const)('%s %s is cdk %s', (command, args, expected) => {
    expect(toCdkArguments(command, args.split(' ')).join(' ')).toBe(expected);
  });

  it.each([
    ['deploy', '', '--stage is needed'],
    ['deploy', '--stage local', 'npm start deploys it'],
    ['destroy', '--stage local', 'Ctrl-C'],
    ['deploy', '--stage production', '--stage must be sandbox'],
    ['deploy', '--stage toString', '--stage must be sandbox'],
    ['deploy', '--stage sandbox --force', 'no option --force'],
    ['destroy', '--stage sandbox --alarm-email a@b.example', 'no option --alarm-email'],
    ['deploy', 'sandbox', "'sandbox'"],
  ] as const)('%s %s is refused', (command, args, reason) => {
    const convert = () => toCdkArguments(command, args.split(' ').filter(Boolean));
    expect(convert).toThrow(UsageError);
    expect(convert).toThrow(reason);
  });
});

describe('the way to an account', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** An environment with nothing but this of AWS, and no profile to fall back on. */
  function only(variables: Readonly<Record<string, string>>) {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'])
      vi.stubEnv(name, undefined);
    const nowhere = {
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    for (const [name, value] of Object.entries({ ...nowhere, ...variables }))
      vi.stubEnv(name, value);
  }

  it('is there with a region and credentials', async () => {
    only({ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(await missingAccess()).toBeUndefined();
  });

  it('is missing without a region, and says how to set one', async () => {
    only({ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(await missingAccess()).toContain('Set AWS_REGION');
  });

  it('is missing without credentials, and says how to get some', async () => {
    only({ AWS_REGION: 'eu-west-1' });
    expect(await missingAccess()).toContain('set AWS_PROFILE');
  });
});

describe('concurrency to reserve', () => {
  function accountWith(ConcurrentExecutions: number) {
    const lambda = mockClient(LambdaClient);
    onTestFinished(() => lambda.restore());
    lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions } });
  }

  it('is there in an account with room above what Lambda keeps for itself', async () => {
    accountWith(1_000);
    expect(await missingConcurrency()).toBeUndefined();
  });

  it('is missing in a new account', async () => {
    accountWith(10);
    expect(await missingConcurrency()).toContain('this account has 10 in all');
  });
});
