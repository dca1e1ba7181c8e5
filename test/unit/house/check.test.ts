/** `npm run check` as tests: it passes here, and each part of it convicts what it is there for. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CheckName, checks, runCheck } from '#local/checks.ts';
import { checkout } from './sources.ts';

// Types are found upwards from a file, so one folder is below the checkout; git ignores it, and so
// does the linter, which needs one elsewhere.
mkdirSync(join(checkout, 'reports'), { recursive: true });
const below = mkdtempSync(join(checkout, 'reports/check-'));
const elsewhere = mkdtempSync(join(tmpdir(), 'holdfast-check-'));
afterAll(() => {
  for (const folder of [below, elsewhere]) rmSync(folder, { recursive: true });
});

/** A project of these files and of the checkout's own configuration, named by path. */
function project(
  parent: string,
  files: Readonly<Record<string, string>>,
  copied: readonly string[] = [],
): string {
  const root = mkdtempSync(join(parent, 'project-'));
  for (const name of copied) cpSync(join(checkout, name), join(root, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe('npm run check', { timeout: 120_000 }, () => {
  it.each(Object.keys(checks) as CheckName[])('finds nothing here: %s', async (name) => {
    const { output, passed } = await runCheck(name);
    expect({ passed, output: passed ? '' : output }).toEqual({ passed: true, output: '' });
  });

  // biome-ignore format: a table, one rule a row
  it.each([
    ['noDefaultExport',     'export default 1;\n'],
    ['noExplicitAny',       'export const a = (b: any) => b;\n'],
    ['noNonNullAssertion',  'export const a = (b?: { c: 1 }) => b!.c;\n'],
    ['noFloatingPromises',  'const a = async () => 1;\na();\n'],
    ['noUnusedImports',     "import { join } from 'node:path';\n"],
    ['noUnusedVariables',   'const a = 1;\n'],
    ['useImportType',       "import { Stats } from 'node:fs';\nexport type A = Stats;\n"],
    ['useNodejsImportProtocol', "import { join } from 'path';\nexport const a = join('b');\n"],
    ['Formatter would have printed', 'export const a = "b"\n'],
  ])('convicts by lint and format: %s', async (rule, text) => {
    const root = project(elsewhere, { 'a.ts': text }, ['biome.json', '.gitignore']);
    const { passed, output } = await runCheck('format and lint', { cwd: root });
    expect(passed).toBe(false);
    expect(output).toContain(rule);
  });

  // biome-ignore format: a table, one finding a row
  it.each([
    ['a wrong type',                 "export const a: number = 'b';\n", 'TS2322'],
    ['an entry that may be missing', 'export const a = (b: number[]): number => b[0];\n', 'TS2322'],
    ['undefined for what may be left out', 'export const a: { b?: number } = { b: undefined };\n', 'TS2375'],
    ['syntax that Node cannot strip', 'export enum A { B }\n', 'TS1294'],
  ])('convicts by types: %s', async (_, text, code) => {
    const tsconfig = { extends: join(checkout, 'tsconfig.json'), include: ['*.ts'] };
    const root = project(below, { 'a.ts': text, 'tsconfig.json': JSON.stringify(tsconfig) });
    const { passed, output } = await runCheck('types', { cwd: root });
    expect(passed).toBe(false);
    expect(output).toContain(code);
  });

  it('convicts by types of k6 scripts: what Node has and k6 has not', async () => {
    const tsconfig = { extends: join(checkout, 'k6/tsconfig.json'), include: ['*.ts'] };
    const root = project(below, {
      'k6/a.ts': 'export const a = process.env;\n',
      'k6/tsconfig.json': JSON.stringify(tsconfig),
    });
    const { passed, output } = await runCheck('types of k6 scripts', { cwd: root });
    expect(passed).toBe(false);
    expect(output).toContain("Cannot find name 'process'");
  });

  it('convicts by dead code: files, exports and dependencies that nothing uses', async () => {
    const root = project(
      elsewhere,
      {
        'package.json': JSON.stringify({
          name: 'a',
          type: 'module',
          dependencies: { jose: '1.0.0' },
        }),
        'local/commands/a.ts': "import { used } from '../b.ts';\nconsole.log(used);\n",
        'local/b.ts': 'export const used = 1;\nexport const idle = 2;\n',
        'shared/lonely.ts': 'export const lonely = 1;\n',
      },
      ['knip.json'],
    );
    const { passed, output } = await runCheck('dead code', { cwd: root });
    expect(passed).toBe(false);
    expect(output).toMatch(/Unused files[\s\S]*shared\/lonely\.ts/);
    expect(output).toMatch(/Unused dependencies[\s\S]*jose/);
    expect(output).toMatch(/Unused exports[\s\S]*idle/);
  });
});
