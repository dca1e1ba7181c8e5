import { describe, expect, it } from 'vitest';
import { readTestOptions } from '#local/test-options.ts';

describe('the options of npm test', () => {
  it('are vitest’s but for its own, wherever they stand', () => {
    const asked = ['--project', 'e2e', '--engine', 'localstack', 'a.test.ts', '--tally=t.json'];
    expect(readTestOptions([...asked, '-t', 'x'])).toEqual({
      engine: 'localstack',
      tallyFile: 't.json',
      forVitest: ['--project', 'e2e', 'a.test.ts', '-t', 'x'],
    });
  });

  it('mean the default engine and no tally where nothing is said', () => {
    expect(readTestOptions([])).toEqual({
      engine: 'ministack',
      tallyFile: undefined,
      forVitest: [],
    });
  });

  it('go by the last word, as after npm run test:localstack -- --engine ministack', () => {
    const asked = ['--engine', 'localstack', '--engine=ministack'];
    expect(readTestOptions(asked)).toMatchObject({ engine: 'ministack', forVitest: [] });
  });

  it.each([
    [
      ['--engine', 'steam'],
      "--engine must be ministack, localstack, localstack-docker, got 'steam'",
    ],
    [['--engine'], '--engine must be followed by its value'],
    [['--engine='], '--engine must be followed by its value'],
    [['--tally'], '--tally must be followed by its value'],
  ])('are refused: %j', (args, message) => {
    expect(() => readTestOptions(args)).toThrow(new RangeError(message));
  });
});
