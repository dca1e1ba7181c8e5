import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AskedStack } from '#local/ask-stack.ts';
import type { NamedStack } from '#local/named-stack.ts';
import { readK6Options, type TargetOptions, targetOf } from '#local/tools/k6-target.ts';
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

const url = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1';
const HOLDFAST_API_URL = url;

/** What a stack answers that is asked. */
const enter = (stage: AskedStack['stage'] = 'sandbox') =>
  vi.fn(async (named: NamedStack) => ({
    ...named,
    stage,
    apiKeys: named.apiKeys ?? { load: 'asked', acme: 'also' },
  }));

const target = (aim: Parameters<typeof targetOf>[0], options: TargetOptions = {}) =>
  targetOf(aim, { env: {}, running, enter: enter(), ...options });

describe('the target of a load test', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  });

  it('is the running local stack, in an environment without anybody’s account', async () => {
    const asked = enter();
    const { stage, apiUrl, apiKey, apiKeys, env } = await target({}, { enter: asked });
    expect({ stage, apiUrl, apiKey }).toEqual({
      stage: 'local',
      apiUrl: running().apiUrl,
      apiKey: 'key-of-load',
    });
    expect(apiKeys).toEqual(running().apiKeys);
    expect(env).toMatchObject({ AWS_ENDPOINT_URL: running().endpoint, AWS_ACCESS_KEY_ID: 'test' });
    expect(asked).not.toHaveBeenCalled();
  });

  it('is nothing beyond this machine, whatever the state file says', async () => {
    const elsewhere = () => ({ ...running(), apiUrl: 'https://api.example.com/local' });
    await expect(target({}, { running: elsewhere })).rejects.toThrow(RangeError);
  });

  it('is the stack of the one variable, which says its stage and its keys itself', async () => {
    const of = await target({}, { env: { HOLDFAST_API_URL } });
    expect(of).toMatchObject({
      stage: 'sandbox',
      apiUrl: url,
      apiKey: 'asked',
      apiKeys: { load: 'asked', acme: 'also' },
    });
  });

  it('is the local stack all the same where that is said', async () => {
    const of = await target({ stage: 'local' }, { env: { HOLDFAST_API_URL } });
    expect(of).toMatchObject({ stage: 'local', apiUrl: running().apiUrl });
  });

  it('is the stack of --api-url, with the key that is said or else with those it has', async () => {
    const aim = { stage: 'sandbox', 'api-url': `${url}/` };
    expect(await target(aim)).toMatchObject({ apiUrl: url, apiKey: 'asked' });
    expect(await target({ ...aim, 'api-key': 'said' })).toMatchObject({
      apiKey: 'said',
      apiKeys: { load: 'said' },
    });
  });

  // biome-ignore format: a table, one mistake a row
  it.each<[string, Parameters<typeof targetOf>[0], Record<string, string>, RegExp]>([
    ['a URL without its stage',     { 'api-url': url },                              {}, /needs --stage sandbox/],
    ['a key without a stage',       { 'api-key': 'k' },                              {}, /needs --stage sandbox/],
    ['a stage without a URL',       { stage: 'sandbox' },                            {}, /needs --api-url/],
    ['an unknown stage',            { stage: 'production', 'api-url': url },         {}, /--stage must be/],
    ['a URL that is none',          { stage: 'sandbox', 'api-url': 'example' },      {}, /--api-url must be the URL/],
    ['a port of a stack on AWS',    { port: '4566' },                  { HOLDFAST_API_URL }, /--port/],
    ['a variable that is no URL',   {},                    { HOLDFAST_API_URL: 'example' }, /HOLDFAST_API_URL must/],
  ])('is refused with %s', async (_, aim, env, message) => {
    const asked = enter();
    const refused = target(aim, { env, enter: asked });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
    expect(asked).not.toHaveBeenCalled();
  });

  it('is refused when another stage answers than the one that was said', async () => {
    const aim = { stage: 'sandbox', 'api-url': url };
    await expect(target(aim, { enter: enter('local') })).rejects.toThrow(/is stage local/);
  });

  it('is missing, with the remedy, when the stack has no tenant for load tests', async () => {
    const without = () => ({ ...running(), apiKeys: {} });
    await expect(target({}, { running: without })).rejects.toThrow(/npm start/);
  });
});
