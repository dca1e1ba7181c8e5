import { describe, expect, it } from 'vitest';
import { localAwsEnvironment, loopbackEndpoint } from '#ops/aws-guard.ts';

describe('the endpoint of a local stack', () => {
  it.each([
    'http://127.0.0.1:4566',
    'http://127.8.9.10:1',
    'http://localhost:4566/',
    'https://localhost',
    'http://[::1]:4566',
  ])('may be %s', (endpoint) => {
    expect(loopbackEndpoint(endpoint)).toBe(endpoint);
  });

  it.each([
    ['AWS', 'https://dynamodb.us-east-1.amazonaws.com'],
    ['another machine', 'http://10.0.0.1:4566'],
    ['every interface', 'http://0.0.0.0:4566'],
    ['a name that begins like this machine', 'http://localhost.evil.com:4566'],
    ['a name that ends like it', 'http://evil-localhost:4566'],
    ['a name with its address in front', 'http://127.0.0.1.evil.com'],
    ['its address as a user name', 'http://127.0.0.1@evil.com'],
    ['its address as a user name and password', 'http://127.0.0.1:4566@evil.com:80'],
    ['a user name before its address', 'http://evil.com@127.0.0.1:4566'],
    ['its address behind a backslash', 'http://evil.com\\@127.0.0.1'],
    ['its address in a path', 'http://evil.com/127.0.0.1'],
    ['its address in a fragment', 'http://evil.com#http://127.0.0.1'],
    ['its address on a second line', 'http://evil.com\nhttp://127.0.0.1'],
    ['a line after its address', 'http://127.0.0.1\n.evil.com'],
    ['a hexadecimal address', 'http://0x7f000001:4566'],
    ['a decimal address', 'http://2130706433'],
    ['an octal part', 'http://127.0.0.010:4566'],
    ['a short address', 'http://127.1:4566'],
    ['an address out of range', 'http://127.0.0.256'],
    ['a mapped address', 'http://[::ffff:127.0.0.1]:4566'],
    ['full-width digits', 'http://１２７.0.0.1'],
    ['a name with a dot at its end', 'http://localhost.:4566'],
    ['a path', 'http://127.0.0.1:4566/prefix'],
    ['a query', 'http://127.0.0.1:4566?host=evil.com'],
    ['a port out of range', 'http://127.0.0.1:99999'],
    ['another scheme', 'ftp://127.0.0.1'],
    ['no scheme', '127.0.0.1:4566'],
    ['nothing', ''],
  ])('may not be %s', (_, endpoint) => {
    expect(() => localAwsEnvironment(endpoint, {})).toThrow(RangeError);
  });
});

describe('the environment of local commands', () => {
  it('keeps nothing that leads to an account', () => {
    const base = {
      PATH: '/bin',
      AWS_PROFILE: 'production',
      AWS_DEFAULT_PROFILE: 'production',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_CONFIG_FILE: '/home/me/.aws/config',
      AWS_SHARED_CREDENTIALS_FILE: '/home/me/.aws/credentials',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/r',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.2',
      AWS_ENDPOINT_URL: 'https://dynamodb.us-east-1.amazonaws.com',
      AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.us-east-1.amazonaws.com',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      AWS_REGION: 'eu-central-1',
      CDK_PROFILE: 'production',
      CDK_ROLE_ARN: 'arn:aws:iam::1:role/r',
      HTTPS_PROXY: 'http://proxy:3128',
      http_proxy: 'http://proxy:3128',
      UNSET: undefined,
    };

    const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, ...environment } = localAwsEnvironment(
      'http://127.0.0.1:4566',
      base,
    );

    expect(AWS_CONFIG_FILE).toBe(AWS_SHARED_CREDENTIALS_FILE);
    expect(AWS_CONFIG_FILE).not.toContain('/home');
    expect(environment).toEqual({
      PATH: '/bin',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: 'true',
      CDK_NOTICES: 'false',
    });
  });
});
