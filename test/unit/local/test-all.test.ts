import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';
import { scratchFolder } from './scratch.ts';

const python = 'python3.13';

/** Whatever Python this machine has: nothing is run in it. */
const saysItIsPython313 = `#!/bin/sh
echo '{"executable":"/python3.13","version":"3.13","implementation":"CPython","pip":true}'`;

/** A checkout of nothing but the command, whose two runs do as they are told. */
function checkoutWith(runs: Readonly<Record<'ministack' | 'localstack', string>>): string {
  const root = scratchFolder();
  mkdirSync(join(root, 'local/commands'), { recursive: true });
  for (const path of ['bootstrap', 'parts.ts', 'tally.ts', 'tally-file.ts', 'commands/test-all.ts'])
    cpSync(join(checkout, 'local', path), join(root, 'local', path), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(root, 'local/run.mjs'),
    `import { writeFileSync } from 'node:fs';
    const words = process.argv.slice(2);
    const file = words[words.indexOf('--tally') + 1];
    const left = (passed, failed, skipped) => writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    console.log(words.filter((word) => word !== file).join(' '));
    if (words.includes('localstack')) { ${runs.localstack} } else { ${runs.ministack} }`,
  );
  writeFileSync(join(root, python), saysItIsPython313, { mode: 0o755 });
  return root;
}

const green = { ministack: 'left(100, 0, 2);', localstack: 'left(40, 0, 36);' };

async function testAll(
  runs: Readonly<Record<'ministack' | 'localstack', string>>,
  {
    env = {},
    until,
    signal = 'SIGTERM',
  }: { env?: Record<string, string>; until?: RegExp; signal?: NodeJS.Signals } = {},
) {
  const root = checkoutWith(runs);
  const child = spawn(process.execPath, [join(root, 'local/commands/test-all.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], HOLDFAST_PYTHON313: join(root, python), ...env },
  });
  if (until)
    child.stdout.on('data', (said) => {
      if (until.test(String(said))) child.kill(signal);
    });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  return { lines, last: lines.at(-1), exitCode: await exited };
}

/** Nothing on the path, and nothing where pyenv keeps its own. */
const noPython = { HOLDFAST_PYTHON313: '', PATH: '/nowhere', HOME: '/nowhere', PYENV_ROOT: '' };

describe('npm run test:all', { timeout: 30_000 }, () => {
  it('runs npm test, then the same on LocalStack, and sums them in its last line', async () => {
    const { lines, last, exitCode } = await testAll(green);
    expect(lines.slice(0, 2)).toEqual(['test --tally', 'test --engine localstack --tally']);
    expect([last, exitCode]).toEqual(['140 passed, 0 failed, 38 skipped', 0]);
  });

  it('goes on after a run that failed, and fails', async () => {
    const { last, exitCode } = await testAll({ ...green, ministack: 'left(99, 1, 2);' });
    expect([last, exitCode]).toEqual(['139 passed, 1 failed, 38 skipped', 1]);
  });

  it.each([
    ['leaves no tally', 'process.exit(0);'],
    ['is killed', `process.kill(process.pid, 'SIGKILL');`],
    ['fails though its tally does not say so', 'left(0, 0, 0); process.exit(3);'],
  ])('counts a failure for a run that %s', async (_, localstack) => {
    const { last, exitCode } = await testAll({ ...green, localstack });
    expect([last, exitCode]).toEqual(['100 passed, 1 failed, 2 skipped', 1]);
  });

  it('leaves one test out where there is no Python 3.13, with the reason and the remedy', async () => {
    const { lines, last, exitCode } = await testAll(green, { env: noPython });
    expect(lines).not.toContain('test --engine localstack --tally');
    expect(lines.join('\n')).toMatch(/needs CPython 3\.13 [\s\S]*\n +Install one/);
    expect([last, exitCode]).toEqual(['100 passed, 0 failed, 3 skipped', 0]);
  });

  it.each([
    ['parity is required', { REQUIRE_PARITY: '1' }],
    ['it is so in other words', { REQUIRE_PARITY: 'true' }],
    ['somebody names a Python that is none', { HOLDFAST_PYTHON313: '/nowhere' }],
  ])('fails there when %s', async (_, asked) => {
    const env = { ...noPython, ...asked };
    const { last, exitCode } = await testAll(green, { env });
    expect([last, exitCode]).toEqual(['100 passed, 1 failed, 2 skipped', 1]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'hands a request to end (%s) to the run, and begins no other',
    async (signal) => {
      const ministack = `process.on('SIGTERM', () => { left(1, 1, 0); process.exit(1); });
      console.log('running');
      setInterval(() => {}, 1_000);`;
      const { lines, last } = await testAll(
        { ...green, ministack },
        {
          until: /running/,
          signal,
        },
      );
      expect(lines).not.toContain('test --engine localstack --tally');
      expect(last).toBe('1 passed, 2 failed');
    },
  );
});
