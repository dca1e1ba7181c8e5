import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { accountCommand } from '#local/account-command.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** An account that knows its caller and answers everything else so. */
function accountThat(error: Error) {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const [sts, ssm, formation] = [
    mockClient(STSClient),
    mockClient(SSMClient),
    mockClient(CloudFormationClient),
  ];
  onTestFinished(() => {
    for (const mock of [sts, ssm, formation]) mock.restore();
  });
  sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333', Arn: 'arn:aws:iam::1:me' });
  ssm.on(GetParameterCommand).rejects(error);
  formation.on(DescribeStacksCommand).rejects(error);
  return vi.spyOn(console, 'error').mockReturnValue();
}

describe.each(['deploy', 'destroy'] as const)('npm run %s', (command) => {
  const run = () => accountCommand(command, ['--stage', 'sandbox', '--dry-run']);

  it.each(['AccessDenied', 'AccessDeniedException'])(
    'says in one line what the caller may not do, and exits with 1: %s',
    async (name) => {
      const said = accountThat(Object.assign(new Error('me is not authorized'), { name }));
      expect(await run()).toBe(1);
      expect(said.mock.calls).toEqual([[`${name}: me is not authorized`]]);
    },
  );

  it('hides no other fault', async () => {
    accountThat(new Error('broken'));
    await expect(run()).rejects.toThrow('broken');
  });
});
