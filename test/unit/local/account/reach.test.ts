import { devNull } from 'node:os';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { assertBootstrapped, assertConcurrency, placeOfCaller } from '#local/account/reach.ts';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';

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
  for (const [name, value] of Object.entries({ ...nowhere, ...variables })) vi.stubEnv(name, value);
}

const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

function sts() {
  const mock = mockClient(STSClient);
  onTestFinished(() => mock.restore());
  return mock.on(GetCallerIdentityCommand);
}

const missing = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(EnvironmentMissing);
  return (error as Error).message;
};

describe('the way to an account', () => {
  it('leads where the credentials say', async () => {
    only({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', ...keys });
    sts().resolves({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/me' });
    expect(await placeOfCaller()).toEqual({
      account: '111122223333',
      region: 'eu-west-1',
      caller: 'arn:aws:iam::111122223333:user/me',
      endpoint: 'http://127.0.0.1:1',
    });
  });

  it('is missing without a region, and says how to set one', async () => {
    only(keys);
    expect(await missing(placeOfCaller())).toContain('Set AWS_REGION');
  });

  it('is missing without credentials, and says how to get some', async () => {
    only({ AWS_REGION: 'eu-west-1' });
    expect(await missing(placeOfCaller())).toMatch(
      /no AWS credentials were found[\s\S]*aws sso login/,
    );
  });

  it.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'is missing with credentials that AWS does not take: %s',
    async (name) => {
      only({ AWS_REGION: 'eu-west-1', ...keys });
      sts().rejects(Object.assign(new Error('no'), { name }));
      expect(await missing(placeOfCaller())).toContain(`does not take these credentials (${name}`);
    },
  );

  it('is missing when AWS cannot be asked', async () => {
    only({ AWS_REGION: 'eu-west-1', ...keys });
    sts().rejects(new Error('connect ECONNREFUSED'));
    expect(await missing(placeOfCaller())).toContain('cannot be asked');
  });
});

describe('an account that is prepared for the CDK', () => {
  const place = { account: '111122223333', region: 'eu-west-1' };
  function parameter() {
    const ssm = mockClient(SSMClient);
    onTestFinished(() => ssm.restore());
    return ssm.on(GetParameterCommand, { Name: '/cdk-bootstrap/hnb659fds/version' });
  }

  it('has its version written down', async () => {
    parameter().resolves({ Parameter: { Value: '6' } });
    await assertBootstrapped(place, 'sandbox');
  });

  it.each([
    ['has none', () => parameter().rejects(new ParameterNotFound({ message: '', $metadata: {} }))],
    ['has one that is too old', () => parameter().resolves({ Parameter: { Value: '5' } })],
  ])('is none where it %s, and the command is said', async (_, given) => {
    given();
    expect(await missing(assertBootstrapped(place, 'sandbox'))).toContain(
      '\n  npx cdk bootstrap aws://111122223333/eu-west-1 --context stage=sandbox',
    );
  });

  it('is not taken for unprepared when it may not be asked', async () => {
    parameter().rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(assertBootstrapped(place, 'sandbox')).rejects.toThrow('no');
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
    await assertConcurrency();
  });

  it('is missing in a new account', async () => {
    accountWith(10);
    expect(await missing(assertConcurrency())).toContain('this account has 10 in all');
  });
});
