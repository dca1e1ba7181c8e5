import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { privateFolder } from '#local/engines/private-folder.ts';
import { scratchFolder } from './scratch.ts';

describe('the private folder of an engine', () => {
  it('has a home and a place for temporary files, and is nobody else’s', () => {
    const runs = scratchFolder();
    const own = privateFolder(runs, '4566');
    expect(own?.path).toBe(join(runs, '4566'));
    expect([own?.home, own?.temporary].every((folder) => folder && existsSync(folder))).toBe(true);
    expect(privateFolder(runs, '4566')).toBeUndefined();
  });

  it('takes those along whose starters are dead, and no others', () => {
    const runs = scratchFolder();
    const folder = (name: string, owner?: object) => {
      const path = join(runs, name);
      mkdirSync(path);
      if (owner) writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
      return path;
    };
    privateFolder(runs, 'mine');
    folder('dead', { pid: process.pid, startedAt: 'another time' });
    folder('being made');
    const longAgoMs = Date.now() - 120_000;
    utimesSync(folder('never made'), longAgoMs / 1000, longAgoMs / 1000);

    privateFolder(runs, 'new');

    const left = ['mine', 'dead', 'being made', 'never made', 'new'];
    expect(left.filter((name) => existsSync(join(runs, name)))).toEqual([
      'mine',
      'being made',
      'new',
    ]);
  });
});
