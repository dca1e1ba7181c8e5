import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judged, oneFailure, readTally, sumOf, tallyOf, toClosingLine } from '#local/tally.ts';
import { tallyIn } from '#local/tally-file.ts';

const green = { passed: 5, failed: 0, skipped: 0 };

describe('the closing line', () => {
  it('leaves out the skipped when there are none', () => {
    expect(toClosingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(toClosingLine({ passed: 3, failed: 1, skipped: 2 })).toBe(
      '3 passed, 1 failed, 2 skipped',
    );
  });
});

describe('a tally', () => {
  it('counts one failure when nothing ran, or when the run failed though no test did', () => {
    expect(judged({ passed: 0, failed: 0, skipped: 4 }, 0).failed).toBe(1);
    expect(judged(green, 1).failed).toBe(1);
    expect(judged(green, 0).failed).toBe(0);
    expect(judged({ ...green, failed: 2 }, 1).failed).toBe(2);
  });

  it('is one failure of a run that left none, or that was killed', () => {
    expect(tallyOf(undefined, 0)).toEqual(oneFailure);
    expect(tallyOf(green, null)).toEqual({ ...green, failed: 1 });
    expect(tallyOf(green, 1)).toEqual({ ...green, failed: 1 });
    expect(tallyOf(green, 0)).toEqual(green);
  });

  it('of several runs is their sum', () => {
    const sum = sumOf([green, oneFailure, { passed: 1, failed: 2, skipped: 3 }]);
    expect(sum).toEqual({ passed: 6, failed: 3, skipped: 3 });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"passed":1,"failed":0}',
    '{"passed":1,"failed":-1,"skipped":0}',
  ])('is not read from %j', (text) => {
    expect(readTally(text)).toBeUndefined();
  });

  it('is read from the file that a run left, where it left one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-tally-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'tally.json');
    expect(tallyIn(file)).toBeUndefined();
    writeFileSync(file, JSON.stringify(green));
    expect(tallyIn(file)).toEqual(green);
    expect(() => tallyIn(folder)).toThrow('EISDIR');
  });
});
