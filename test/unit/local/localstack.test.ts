import { describe, expect, it } from 'vitest';
import { localStackEnvironment } from '#local/engines/localstack.ts';

const recipe = {
  port: 4567,
  identity: 'f81d4fae',
  folder: { path: '/run/4567', home: '/run/4567/home', temporary: '/run/4567/tmp' },
  packages: '/packages',
  tables: 'http://127.0.0.1:4568',
  functionConcurrency: 24,
};

describe('what LocalStack is told', () => {
  const environment = localStackEnvironment(recipe);

  it('is nothing of the person who starts it', () => {
    expect(environment).toMatchObject({
      HOME: '/run/4567/home',
      TMPDIR: '/run/4567/tmp',
      FILESYSTEM_ROOT: '/run/4567/root',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const { PATH: path = '' } = environment;
    expect(path.split(':').slice(1)).toEqual(['/usr/bin', '/bin']);
  });

  it('is to listen on the loopback only, and to name no other address', () => {
    expect(environment).toMatchObject({
      GATEWAY_LISTEN: '127.0.0.1:4567',
      LOCALSTACK_HOST: '127.0.0.1:4567',
      SQS_ENDPOINT_STRATEGY: 'path',
    });
  });

  it('is where the tables are, what runs functions, and how many at once', () => {
    expect(environment).toMatchObject({
      DYNAMODB_EXTERNAL_URL: 'http://127.0.0.1:4568',
      LAMBDA_PROCESS_NODE: process.execPath,
      LAMBDA_LIMITS_CONCURRENT_EXECUTIONS: '24',
    });
  });
});
