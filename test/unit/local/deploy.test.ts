import { describe, expect, it } from 'vitest';
import { reasonsOf } from '#local/cdk.ts';
import { countResources } from '#local/deploy.ts';

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
