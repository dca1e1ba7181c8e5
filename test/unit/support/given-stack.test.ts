import { describe, expect, it, vi } from 'vitest';
import { readGivenStack } from '../../support/given-stack.ts';
import { orFault } from '../../support/setup-fault.ts';

const given = {
  HOLDFAST_API_URL: 'https://api.example.com/v1/',
  HOLDFAST_API_KEYS: '{"acme":"key"}',
};

describe('the stack that tests are pointed at', () => {
  it('is none without a URL: the suite starts its own', () => {
    expect(readGivenStack({ HOLDFAST_API_KEYS: '{}' })).toBeUndefined();
  });

  it('is one on AWS where no endpoint is named', () => {
    expect(readGivenStack({ ...given, AWS_REGION: 'eu-west-1' })).toEqual({
      apiUrl: 'https://api.example.com/v1',
      endpoint: undefined,
      region: 'eu-west-1',
      apiKeys: { acme: 'key' },
    });
  });

  it.each([
    ['HOLDFAST_API_URL', 'example'],
    ['HOLDFAST_API_KEYS', undefined],
    ['HOLDFAST_API_KEYS', 'key'],
    ['HOLDFAST_API_KEYS', '{"acme":1}'],
  ])('is refused with %s = %s', (name, value) => {
    expect(() => readGivenStack({ ...given, [name]: value })).toThrow(new RegExp(name));
  });
});

describe('a suite that cannot start', () => {
  it('hands its reason to its tests, and lets the other suites run', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => {});
    const provide = vi.fn();
    const start = () => Promise.reject(new Error('no Python'));
    expect(await orFault({ name: 'e2e', provide }, start)).toBeUndefined();
    expect(provide).toHaveBeenCalledExactlyOnceWith('setupFault', 'no Python');
    expect(shown).toHaveBeenCalledOnce();
    shown.mockRestore();
  });

  it('hands on the teardown of one that can', async () => {
    const stop = () => {};
    expect(await orFault({ name: 'e2e', provide: () => {} }, async () => stop)).toBe(stop);
  });
});
