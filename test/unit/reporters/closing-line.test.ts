import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { judged, toClosingLine } from '../../reporters/closing-line.ts';

const checkout = resolve(import.meta.dirname, '../../..');

// Below the checkout, so that a fixture finds vitest; ignored by git.
mkdirSync(join(checkout, 'reports'), { recursive: true });
const parent = mkdtempSync(join(checkout, 'reports/closing-line-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

interface Fixture {
  readonly tests: string;
  readonly setup?: string;
  readonly args?: readonly string[];
}

/** Runs `npm test` over a project of one test file. */
async function run({ tests, setup, args = [] }: Fixture) {
  const root = mkdtempSync(join(parent, 'run-'));
  const reporter = JSON.stringify(join(checkout, 'test/reporters/closing-line.ts'));
  const config = `import { closingLine } from ${reporter};
    export default { test: { reporters: [closingLine(), 'default'], globalSetup: ${setup ? "['./setup.ts']" : '[]'} } };`;
  writeFileSync(join(root, 'vitest.config.ts'), config);
  if (setup) writeFileSync(join(root, 'setup.ts'), setup);
  writeFileSync(
    join(root, 'fixture.test.ts'),
    `import { beforeAll, describe, expect, it } from 'vitest';\n${tests}`,
  );
  const child = spawn(
    process.execPath,
    [join(checkout, 'local/commands/test.ts'), '--root', root, '--no-color', ...args],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env['PATH'] } },
  );
  const exited = new Promise((resolve) => child.once('close', resolve));
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  return { last: lines.at(-1), lines, exitCode: await exited };
}

describe('the closing line', () => {
  it('leaves out the skipped when there are none', () => {
    expect(toClosingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(toClosingLine({ passed: 3, failed: 1, skipped: 2 })).toBe(
      '3 passed, 1 failed, 2 skipped',
    );
  });

  it('counts one failure when nothing ran, or when the run failed though no test did', () => {
    expect(judged({ passed: 0, failed: 0, skipped: 4 }, 0).failed).toBe(1);
    expect(judged({ passed: 5, failed: 0, skipped: 0 }, 1).failed).toBe(1);
    expect(judged({ passed: 5, failed: 0, skipped: 0 }, 0).failed).toBe(0);
    expect(judged({ passed: 5, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  });
});

describe('npm test', { timeout: 60_000 }, () => {
  // biome-ignore format: a table, one run a row
  it.concurrent.each([
    ['passes', { tests: `it('a', () => {}); it('b', () => {});` }, '2 passed, 0 failed', 0],
    ['counts what failed', { tests: `it('a', () => {}); it('b', () => expect(1).toBe(2));` }, '1 passed, 1 failed', 1],
    ['counts a file that cannot be imported', { tests: `import './nowhere.ts'; it('a', () => {});` }, '0 passed, 1 failed', 1],
    ['counts a hook that throws', { tests: `describe('s', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); }); it('b', () => {});` }, '1 passed, 1 failed, 1 skipped', 1],
    ['counts a hook that throws beside what failed', { tests: `describe('s', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); }); it('b', () => expect(1).toBe(2));` }, '0 passed, 2 failed, 1 skipped', 1],
    ['counts an error that nobody waited for', { tests: `it('a', () => { Promise.reject(new Error('lost')); });` }, '1 passed, 1 failed', 1],
    ['counts such an error beside what failed', { tests: `it('a', () => { Promise.reject(new Error('lost')); }); it('b', () => expect(1).toBe(2));` }, '1 passed, 2 failed', 1],
    ['counts a setup that throws', { tests: `it('a', () => {});`, setup: `export function setup() { throw new Error('no engine'); }` }, '0 passed, 1 failed', 1],
    ['counts a teardown that throws', { tests: `it('a', () => {});`, setup: `export function teardown() { throw new Error('it stays'); }` }, '1 passed, 1 failed', 1],
    ['fails when no file is found', { tests: `it('a', () => {});`, args: ['elsewhere'] }, '0 passed, 1 failed', 1],
    ['fails when no test is asked for', { tests: `it('a', () => {});`, args: ['-t', 'elsewhere'] }, '0 passed, 1 failed', 1],
    ['counts only what is asked for', { tests: `it('a', () => {}); it('b', () => {});`, args: ['-t', 'a'] }, '1 passed, 0 failed', 0],
    ['survives the death of vitest', { tests: `it('a', () => { process.kill(process.ppid, 'SIGKILL'); return new Promise(() => {}); });`, args: ['--pool', 'forks'] }, '0 passed, 1 failed', 1],
  ] as const)('%s', async (_, fixture: Fixture, line, exitCode) => {
    expect(await run(fixture)).toMatchObject({ last: line, exitCode });
  });

  it.concurrent('lists the tests left out, each with its reason', async () => {
    const { lines, last } = await run({
      tests: `it('a', () => {}); it('b', ({ skip }) => skip('no Docker here')); it.skip('c', () => {});`,
    });
    expect(last).toBe('1 passed, 0 failed, 2 skipped');
    expect(lines.slice(lines.indexOf('Left out:'), -2)).toEqual([
      'Left out:',
      '  b: no Docker here',
      '  c: no reason given (skip)',
    ]);
  });
});
