import { describe, expect, it } from 'vitest';
import { engineIn, pythonEngines } from '#local/bootstrap/engine-choice.mjs';
import { defaultEngine, engineNames } from '#local/engines/names.ts';

describe('the engine that a command is asked for', () => {
  it.each([
    [[], defaultEngine],
    [['--quiet'], defaultEngine],
    [['--engine', 'localstack'], 'localstack'],
    [['--quiet', '--engine=localstack-docker'], 'localstack-docker'],
    [['--engine', 'localstack', '--engine', 'ministack'], 'ministack'],
    [['--engine', 'steam'], undefined],
    [['--engine=toString'], undefined],
    [['--engine'], undefined],
  ])('by %o is %s', (args, engine) => {
    expect(engineIn(args)).toBe(engine);
  });

  it('is one of those that there are, and each has what it needs of Python', () => {
    expect(Object.keys(pythonEngines)).toEqual(engineNames);
  });
});
