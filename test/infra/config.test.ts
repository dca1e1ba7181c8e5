import { describe, expect, it } from 'vitest';
import { toStage } from '#infra/config.ts';

describe('toStage', () => {
  it('takes the stages that there are', () => {
    expect(toStage('local')).toBe('local');
    expect(toStage('sandbox')).toBe('sandbox');
  });

  it.each([
    [undefined, 'No stage is named: say -c stage=local or -c stage=sandbox.'],
    ['prod', "There is no stage 'prod': say -c stage=local or -c stage=sandbox."],
    ['toString', "There is no stage 'toString': say -c stage=local or -c stage=sandbox."],
    [true, "There is no stage 'true': say -c stage=local or -c stage=sandbox."],
  ])('refuses %s, and says what to say', (named, message) => {
    expect(() => toStage(named)).toThrow(new RangeError(message));
  });
});
