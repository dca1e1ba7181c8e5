import { describe, expect, it } from 'vitest';
import { readProbeOptions } from '#local/capabilities/options.ts';
import { capabilities } from '#local/capabilities/table.ts';
import { UsageError } from '#ops/usage-error.ts';

describe('npm run probe', () => {
  it('measures every row on the default engine, unless it is told otherwise', () => {
    expect(readProbeOptions([])).toEqual({
      engine: 'ministack',
      ids: Object.keys(capabilities),
      isEvidence: true,
      endpoint: undefined,
      page: false,
      json: false,
    });
  });

  it('measures some rows, in the order of the table, which is no evidence', () => {
    const { engine, ids, isEvidence } = readProbeOptions([
      '--engine=localstack',
      '--only',
      'rotation,api-key',
    ]);
    expect([engine, ids, isEvidence]).toEqual(['localstack', ['api-key', 'rotation'], false]);
  });

  it('is no evidence on an engine that runs already', () => {
    const { ids, isEvidence } = readProbeOptions(['--endpoint', 'http://127.0.0.1:4566']);
    expect(ids).toEqual(Object.keys(capabilities));
    expect(isEvidence).toBe(false);
  });

  it.each([
    ['an engine that is not probed', ['--engine', 'localstack-docker'], /--engine must be/],
    ['a row that is not there', ['--only', 'api-key,flying'], /no row 'flying'/],
    ['an address off this machine', ['--endpoint', 'http://example.com:4566'], /of this machine/],
    ['an option that it does not have', ['--fast'], /--fast/],
  ])('refuses %s', (_, args, message) => {
    expect(() => readProbeOptions(args)).toThrow(UsageError);
    expect(() => readProbeOptions(args)).toThrow(message);
  });
});
