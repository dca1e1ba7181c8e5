import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { tallyIn } from '#local/tally-file.ts';

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

  /** As the setup of a whole stack on LocalStack would have it. */
  const onLocalStack = `export function setup({ provide }) {
    provide('engine', 'localstack');
    provide('apiUrl', 'http://127.0.0.1:9');
  }`;

  it.concurrent('counts a test of a stack that is left out for nothing that its engine lacks', async () => {
    const { lines, last, exitCode } = await run({
      setup: onLocalStack,
      args: ['-t', 'of the gateway'],
      tests: `describe('of the gateway', () => {
        it('a', () => {});
        it('b', ({ skip }) => skip('needs plan-rate: x; probed: y'));
        it('c', ({ skip }) => skip('needs api-key: x; probed: y'));
        it.skip('d', () => {});
      });
      it.skip('of nothing', () => {});`,
    });
    expect([last, exitCode]).toEqual(['1 passed, 2 failed, 3 skipped', 1]);
    expect(lines.filter((line) => line.startsWith('Not as the table'))).toEqual([
      'Not as the table of capabilities has it: of the gateway > c is left out for nothing that localstack lacks (needs api-key: x; probed: y)',
      'Not as the table of capabilities has it: of the gateway > d is left out for nothing that localstack lacks (no reason given)',
    ]);
  });

  it.concurrent('counts each row by which a whole suite left out more or fewer than the table says', async () => {
    const tests = `it('a', () => {}); it('b', ({ skip }) => skip('needs alarm-math: x; probed: y'));`;
    const { lines } = await run({ setup: onLocalStack, tests });
    expect(lines).toContain(
      'Not as the table of capabilities has it: alarm-math is needed by 0 tests, and 1 were left out for it on localstack',
    );
    const filtered = await run({ setup: onLocalStack, tests, args: ['-t', '[ab]'] });
    expect(filtered).toMatchObject({ last: '1 passed, 0 failed, 1 skipped', exitCode: 0 });
  });

  it.concurrent('blames no test for a hook that failed', async () => {
    const { last } = await run({
      setup: onLocalStack,
      tests: `beforeAll(() => { throw new Error('no'); }); it('a', () => {}); it('b', () => {});`,
    });
    expect(last).toBe('0 passed, 1 failed, 2 skipped');
  });

  it.concurrent('leaves its tally where it is asked to', async () => {
    const file = join(parent, 'tally.json');
    await run({ tests: `it('a', () => {}); it.skip('b', () => {});`, args: ['--tally', file] });
    expect(tallyIn(file)).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });

  it.concurrent('refuses an engine that it does not know', async () => {
    const answer = await run({ tests: `it('a', () => {});`, args: ['--engine', 'steam'] });
    expect(answer).toMatchObject({ last: '0 passed, 1 failed', exitCode: 2 });
    expect(answer.lines[0]).toContain("got 'steam'");
  });
});
