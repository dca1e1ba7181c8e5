import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newLog, tailOf } from '#local/bootstrap/logs.mjs';
import { scratchFolder } from './scratch.ts';

describe('a log', () => {
  it('is empty when it is new, whatever stood there', () => {
    const folder = scratchFolder();
    writeFileSync(newLog(folder, 'engine-4566'), 'old');
    expect(readFileSync(newLog(folder, 'engine-4566'), 'utf8')).toBe('');
  });

  it('makes way when nobody has written to it for a week', () => {
    const folder = scratchFolder();
    const weekAgoMs = Date.now() - 8 * 24 * 3_600_000;
    for (const name of ['old.log', 'old.txt', 'young.log']) writeFileSync(join(folder, name), '');
    for (const name of ['old.log', 'old.txt'])
      utimesSync(join(folder, name), weekAgoMs / 1000, weekAgoMs / 1000);
    newLog(folder, 'new');
    expect(readdirSync(folder).sort()).toEqual(['new.log', 'old.txt', 'young.log']);
  });

  it('is quoted by its last lines', () => {
    const file = join(scratchFolder(), 'a.log');
    writeFileSync(file, 'one\ntwo\nthree\n\n');
    expect(tailOf(file, 2)).toBe('two\nthree');
  });
});
