import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AskOptions, enterNamedStack } from '#local/ask-stack.ts';
import type { NamedStack } from '#local/named-stack.ts';
import { StackMissingError } from '#ops/stack.ts';

const named: NamedStack = {
  apiUrl: 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1',
  endpoint: undefined,
  region: 'eu-west-1',
  apiKeys: undefined,
};
const engine = { ...named, apiUrl: 'http://127.0.0.1:1/v1', endpoint: 'http://127.0.0.1:1' };

const answering = (body: unknown, status = 200) =>
  vi.fn<typeof fetch>(async () => new Response(JSON.stringify(body), { status }));
const healthy = (stage = 'sandbox') => answering({ status: 'ok', stage });
const keysOf = async () => ({ acme: 'key' });

class Refused extends Error {
  constructor(name: string) {
    super('no');
    this.name = name;
  }
}

const enter = (options: AskOptions, stack = named) =>
  enterNamedStack(stack, { keysOf, ...options });

describe('a stack that is asked', () => {
  const before = { ...process.env };
  beforeEach(() => vi.stubEnv('AWS_PROFILE', 'mine'));
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  });

  it('says its stage, and its gateway the keys of that stage', async () => {
    const fetch = healthy();
    const asked = vi.fn(keysOf);
    expect(await enter({ fetch, keysOf: asked })).toEqual({
      ...named,
      stage: 'sandbox',
      apiKeys: { acme: 'key' },
    });
    expect(fetch.mock.calls[0]?.[0]).toBe(`${named.apiUrl}/health`);
    expect(asked).toHaveBeenCalledExactlyOnceWith('sandbox');
  });

  it('is not asked for keys that were said', async () => {
    const unasked = vi.fn(keysOf);
    const stack = { ...named, apiKeys: { acme: 'said' } };
    expect((await enter({ fetch: healthy(), keysOf: unasked }, stack)).apiKeys).toEqual({
      acme: 'said',
    });
    expect(unasked).not.toHaveBeenCalled();
  });

  it('on AWS is worked on with the caller’s own credentials, in its region', async () => {
    await enter({ fetch: healthy() });
    expect(process.env).toMatchObject({ AWS_PROFILE: 'mine', AWS_REGION: 'eu-west-1' });
  });

  it('on this machine is worked on with nobody’s', async () => {
    await enter({ fetch: healthy('local') }, engine);
    expect(process.env['AWS_PROFILE']).toBeUndefined();
    expect(process.env).toMatchObject({
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
    });
  });

  const refusedFetch = async () => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
  };
  // biome-ignore format: a table, one fault a row
  it.each<[string, AskOptions, RegExp]>([
    ['does not answer',           { fetch: refusedFetch },                            /does not answer \(ECONNREFUSED\)/],
    ['has no health there',       { fetch: answering({ message: 'Forbidden' }, 403) }, /answered 403, .* ends with the stage/],
    ['is no service of this kind', { fetch: answering({ status: 'ok' }) },             /not as this service does/],
    ['says an unknown stage',     { fetch: healthy('production') },                   /not as this service does/],
    ['says local on AWS',         { fetch: healthy('local') },                        /in nobody's account/],
  ])('is missing when it %s', async (_, options, message) => {
    const error = await enter(options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StackMissingError);
    expect((error as Error).message).toMatch(message);
  });

  it.each([
    ['CredentialsProviderError', /log in/],
    ['ExpiredTokenException', /log in again/],
    ['UnrecognizedClientException', /not good/],
    ['AccessDeniedException', /apigateway:GET/],
  ])('is missing with the remedy for %s', async (name, remedy) => {
    const refused = () => Promise.reject(new Refused(name));
    const error = await enter({ fetch: healthy(), keysOf: refused }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StackMissingError);
    expect((error as Error).message).toMatch(remedy);
    expect((error as Error).message).toContain('HOLDFAST_API_KEYS');
  });

  it('fails as it is for what nobody foresaw', async () => {
    const odd = () => Promise.reject(new Refused('TeapotException'));
    await expect(enter({ fetch: healthy(), keysOf: odd })).rejects.toThrow(Refused);
  });
});
