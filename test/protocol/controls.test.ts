import { describe, expect, it } from 'vitest';
import { convicted, mistakeControls, stockControls } from './controls/convictions.ts';
import { mutant, mutated } from './controls/mutant.ts';
import { harmless, mistakes } from './controls/mutations.ts';
import { keepCommand, readKept, summaryFile } from './kept.ts';
import { deferred } from './scenarios/deferred.ts';
import { explore } from './scheduler/explore.ts';

describe('stock Powertools is convicted of', () => {
  it.each(stockControls)('$never: $what', async (control) => {
    const found = await convicted(control);
    expect(found?.text, `the kept trace is old: ${keepCommand}`).toBe(
      readKept(`${control.slug}.txt`),
    );
    expect(readKept(summaryFile)).toContain(`${control.slug}: ${control.never}`);
  });
});

describe('our own code, with one passage changed, is convicted of', () => {
  it.each(mistakeControls)('$never: $what', async (control) => {
    const found = await convicted(control);
    expect(found?.text, `the kept trace is old: ${keepCommand}`).toBe(
      readKept(`${control.slug}.txt`),
    );
    expect(readKept(summaryFile)).toContain(`${control.slug}: ${control.never}`);
  });

  it('nothing, when each send has a token of its own: the condition of the record is the guard', async () => {
    const subject = await mutant(harmless);
    for (const scenario of deferred.slice(0, 2)) {
      const { found } = await explore(scenario, { subject, faults: 1, states: true });
      expect(found).toEqual([]);
    }
  });

  it('is no control when its passage is gone, or stands there twice', () => {
    const [mistake] = mistakes;
    if (!mistake) throw new Error('there is no mistake');
    expect(() => mutated({ ...mistake, passage: 'no such passage' })).toThrow('0 times');
    expect(() => mutated({ ...mistake, passage: 'import' })).toThrow(/\d times/);
  });
});
