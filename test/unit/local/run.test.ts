import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '#local/bootstrap/commands.mjs';
import { checkout } from '#local/bootstrap/paths.mjs';

const run = (words: string[], options: string[] = []) =>
  spawnSync(process.execPath, [...options, join(checkout, 'local', 'run.mjs'), ...words], {
    encoding: 'utf8',
  });

/** Makes the script believe that an old Node runs it. */
const posingAs = (version: string) => [
  '--import',
  `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`,
];

describe('the way in', { timeout: 30_000 }, () => {
  it.each(['18.20.8', '4.9.1'])('asks for a newer Node than %s', (version) => {
    const { status, stdout, stderr } = run(['start'], posingAs(version));
    expect(status).toBe(3);
    expect(stderr).toMatch(new RegExp(`Node 20 or newer.*${version}\\.\nInstall one`));
    expect(stdout).toBe('');
  });

  it.each([[[]], [['strat']], [['toString']]])('answers %o with how it is used', (words) => {
    const { status, stdout, stderr } = run(words);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: npm start');
    expect(stdout).toBe('');
  });

  it('loads nothing before it has looked at the version', () => {
    expect(readFileSync(join(checkout, 'local', 'run.mjs'), 'utf8')).not.toMatch(/^import\s/m);
  });

  it('knows the commands of package.json, and each is there', () => {
    const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
    const { 'test:localstack': onLocalStack, ...rest } = scripts;
    expect(onLocalStack).toBe('node local/run.mjs test --engine localstack');
    expect(Object.entries(rest)).toEqual(
      Object.keys(commands).map((name) => [name, `node local/run.mjs ${name}`]),
    );
    for (const { file } of Object.values(commands))
      expect(existsSync(join(checkout, file)), file).toBe(true);
  });
});
