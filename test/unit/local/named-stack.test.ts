import { describe, expect, it } from 'vitest';
import { namedStack } from '#local/named-stack.ts';

const onAws = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1';
const onEngine = 'http://127.0.0.1:36709/_aws/execute-api/holdfast/v1';

describe('a stack that is named by its URL', () => {
  it('is none without one: the suite starts its own', () => {
    expect(namedStack({ HOLDFAST_API_KEYS: '{}' })).toBeUndefined();
    expect(namedStack({ HOLDFAST_API_URL: '' })).toBeUndefined();
  });

  it('is in the region that its name on AWS says, whatever the environment says', () => {
    expect(namedStack({ HOLDFAST_API_URL: `${onAws}/`, AWS_REGION: 'us-east-1' })).toEqual({
      apiUrl: onAws,
      endpoint: undefined,
      region: 'eu-west-1',
      apiKeys: undefined,
    });
  });

  it('is in the region of the environment where it has a name of its owner’s', () => {
    const named = (env: Record<string, string>) =>
      namedStack({ HOLDFAST_API_URL: 'https://api.example.org', ...env })?.region;
    expect(named({ AWS_DEFAULT_REGION: 'eu-north-1' })).toBe('eu-north-1');
    expect(named({ AWS_DEFAULT_REGION: 'eu-north-1', AWS_REGION: 'eu-west-2' })).toBe('eu-west-2');
    expect(named({ AWS_REGION: 'eu-west-2', HOLDFAST_REGION: 'eu-west-3' })).toBe('eu-west-3');
    expect(() => named({})).toThrow(/AWS_REGION must say in which region api.example.org is/);
  });

  it.each(['http://127.0.0.1:36709', 'http://localhost:4566', 'http://[::1]:4566'])(
    'has its engine at its own origin on this machine: %s',
    (origin) => {
      const named = namedStack({ HOLDFAST_API_URL: `${origin}/_aws/v1`, AWS_REGION: 'eu-west-1' });
      expect(named).toMatchObject({ endpoint: origin, region: 'us-east-1' });
    },
  );

  it('has its engine elsewhere on this machine where that is said', () => {
    const HOLDFAST_ENDPOINT = 'http://127.0.0.1:4566';
    expect(namedStack({ HOLDFAST_API_URL: onEngine, HOLDFAST_ENDPOINT })).toMatchObject({
      endpoint: HOLDFAST_ENDPOINT,
    });
  });

  it('has the keys that were said, and else none yet', () => {
    const HOLDFAST_API_KEYS = '{"acme":"key"}';
    expect(namedStack({ HOLDFAST_API_URL: onAws, HOLDFAST_API_KEYS })?.apiKeys).toEqual({
      acme: 'key',
    });
  });

  it.each([
    ['HOLDFAST_API_URL', 'example'],
    ['HOLDFAST_API_URL', 'ftp://127.0.0.1/v1'],
    ['HOLDFAST_API_URL', `${onAws}?x=1`],
    // Keys and tokens are sent there.
    ['HOLDFAST_API_URL', 'http://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1'],
    ['HOLDFAST_API_URL', 'http://127.0.0.1.example.org/v1'],
    ['HOLDFAST_ENDPOINT', 'https://dynamodb.eu-west-1.amazonaws.com'],
    ['HOLDFAST_API_KEYS', 'key'],
    ['HOLDFAST_API_KEYS', '{"acme":1}'],
  ])('is refused with %s = %s', (name, value) => {
    expect(() => namedStack({ HOLDFAST_API_URL: onAws, [name]: value })).toThrow(RangeError);
    expect(() => namedStack({ HOLDFAST_API_URL: onAws, [name]: value })).toThrow(name);
  });
});
