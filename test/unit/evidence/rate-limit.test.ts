/** The kept comparison of algorithms is what the simulation gives. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepCommand, report } from '../../simulation/report.ts';

const folder = join(import.meta.dirname, '../../../docs/evidence/rate-limit');
const files = await report();

describe('the comparison of rate limits', () => {
  it('has no file that the simulation does not write, and all that it does', () => {
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
  });

  it.each([...files])('is kept as the simulation gives it: %s', (file, text) => {
    expect(readFileSync(join(folder, file), 'utf8'), `kept figures are old: ${keepCommand}`).toBe(
      text,
    );
  });
});
