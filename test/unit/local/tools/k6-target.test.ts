import { describe, expect, it } from 'vitest';
import { readK6Options, targetOf } from '#local/tools/k6-target.ts';
import { UsageError } from '#ops/usage-error.ts';

const running = () => ({
  apiUrl: 'http://127.0.0.1:4566/_aws/execute-api/x/local',
  endpoint: 'http://127.0.0.1:4566',
  apiKeys: { load: 'key-of-load', acme: 'key-of-acme' },
});

describe('the options of a load test', () => {
  it('are a script and its load', () => {
    expect(readK6Options(['orders', '--rate', '5', '--seconds', '10', '--seed', '7'])).toEqual({
      script: 'orders',
      stage: 'local',
      rate: '5',
      seconds: '10',
      seed: '7',
    });
  });

  it.each([
    ['no script', []],
    ['two scripts', ['orders', 'orders']],
    ['a path', ['../local/commands/test']],
    ['an unknown option', ['orders', '--vus', '900']],
    ['a load of nothing', ['orders', '--rate', '0']],
    ['a load that is no number', ['orders', '--seconds', '10s']],
    ['a seed that is no whole number', ['orders', '--seed', '1.5']],
  ])('are refused with %s', (_, args) => {
    expect(() => readK6Options(args)).toThrow(UsageError);
  });
});

describe('the target of a load test', () => {
  it('is the running local stack, in an environment without anybody’s account', () => {
    const { apiUrl, apiKey, apiKeys, env } = targetOf({ stage: 'local' }, running);
    expect({ apiUrl, apiKey }).toEqual({ apiUrl: running().apiUrl, apiKey: 'key-of-load' });
    expect(apiKeys).toEqual(running().apiKeys);
    expect(env).toMatchObject({ AWS_ENDPOINT_URL: running().endpoint, AWS_ACCESS_KEY_ID: 'test' });
  });

  it('is nothing beyond this machine, whatever the state file says', () => {
    const elsewhere = () => ({ ...running(), apiUrl: 'https://api.example.com/local' });
    expect(() => targetOf({ stage: 'local' }, elsewhere)).toThrow(RangeError);
  });

  it('is a deployed stage only when that is named, with its API and its key', () => {
    const given = { 'api-url': 'https://api.example.com/sandbox/', 'api-key': 'k' };
    expect(targetOf({ stage: 'sandbox', ...given }, running)).toMatchObject({
      stage: 'sandbox',
      apiUrl: 'https://api.example.com/sandbox',
      apiKey: 'k',
      apiKeys: { load: 'k' },
    });
    expect(() => targetOf({ stage: 'local', ...given }, running)).toThrow(/needs --stage sandbox/);
    expect(() => targetOf({ stage: 'sandbox' }, running)).toThrow(UsageError);
    expect(() => targetOf({ stage: 'production', ...given }, running)).toThrow(UsageError);
  });

  it('is missing, with the remedy, when the stack has no tenant for load tests', () => {
    expect(() => targetOf({ stage: 'local' }, () => ({ ...running(), apiKeys: {} }))).toThrow(
      /npm start/,
    );
  });
});
