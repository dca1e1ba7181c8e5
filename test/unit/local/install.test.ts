import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installPackages, npmCommand, packageCount } from '#local/bootstrap/install.mjs';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { scratchFolder } from './scratch.ts';

/** A checkout with an npm that notes each of its calls, then does as `npm` says. */
function checkoutWith(npm: string) {
  const root = scratchFolder();
  const calls = join(root, 'calls');
  const cli = join(root, 'npm-cli.js');
  writeFileSync(join(root, 'package-lock.json'), '{"packages": {"": {}, "node_modules/a": {}}}');
  writeFileSync(calls, '');
  writeFileSync(
    cli,
    `const { appendFileSync, mkdirSync } = require('node:fs');
     appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
     mkdirSync('node_modules', { recursive: true });
     ${npm}`,
  );
  const lines: string[] = [];
  return {
    root,
    lines,
    calls: () => readFileSync(calls, 'utf8').split('\n').slice(0, -1),
    install: () =>
      installPackages({
        root,
        holdfast: join(root, '.holdfast'),
        steps: {
          run: async (name, work) => {
            lines.push(name);
            return work(() => {});
          },
          line: (text) => lines.push(text),
        },
        env: { npm_execpath: cli, npm_node_execpath: process.execPath },
      }),
  };
}

describe('the packages', { timeout: 30_000 }, () => {
  it('are installed once, with those for development whatever the environment says', async () => {
    const { install, calls, lines } = checkoutWith('');
    await install();
    await install();
    expect(calls()).toEqual([expect.stringMatching(/^ci --include=dev --include=optional /)]);
    expect(lines).toEqual(['installing 1 packages (npm ci)']);
  });

  it('are installed again when the lockfile has changed, or node_modules is gone', async () => {
    const { install, calls, root } = checkoutWith('');
    await install();
    writeFileSync(join(root, 'package-lock.json'), '{}');
    await install();
    expect(calls()).toHaveLength(2);
    rmSync(join(root, 'node_modules'), { recursive: true });
    await install();
    expect(calls()).toHaveLength(3);
  });

  it('are not taken for installed after a failure, which is shown with its remedy', async () => {
    const { install, calls } = checkoutWith(
      `console.error('npm error code EAI_AGAIN'); process.exit(1)`,
    );
    const failing = install();
    await expect(failing).rejects.toThrow(EnvironmentMissing);
    await expect(failing).rejects.toThrow(/npm error code EAI_AGAIN\n.*check the network/);
    await expect(install()).rejects.toThrow();
    expect(calls()).toHaveLength(2);
  });

  it('are not taken for those of the lockfile before, when the next install fails', async () => {
    const { install, calls, root } = checkoutWith(
      `if (require('node:fs').readFileSync('package-lock.json', 'utf8') === '{}') process.exit(1)`,
    );
    const lockFile = join(root, 'package-lock.json');
    const before = readFileSync(lockFile);
    await install();
    writeFileSync(lockFile, '{}');
    await expect(install()).rejects.toThrow();
    writeFileSync(lockFile, before);
    await install();
    expect(calls()).toHaveLength(3);
  });

  it('are not taken for installed when only half of them were', async () => {
    const { install, calls, root } = checkoutWith('');
    await install();
    rmSync(join(root, 'node_modules', '.holdfast-install'));
    await install();
    expect(calls()).toHaveLength(2);
  });

  it('are installed by one of two runs at once, while the other says what it waits for', async () => {
    const { install, calls, lines } = checkoutWith('');
    await Promise.all([install(), install()]);
    expect(calls()).toHaveLength(1);
    expect(lines).toContainEqual(expect.stringMatching(/^waiting for another run's npm ci/));
  });
});

describe('the count of packages', () => {
  it('leaves out the project itself and what is for other machines', () => {
    const lockText = JSON.stringify({
      packages: {
        '': {},
        'node_modules/a': {},
        'node_modules/b': { os: ['linux', 'darwin'], cpu: ['x64'] },
        'node_modules/c': { os: ['win32'] },
        'node_modules/d': { os: 'linux', cpu: 'arm64' },
      },
    });
    expect(packageCount(lockText, { platform: 'linux', arch: 'x64' })).toBe(2);
  });
});

describe('the npm that installs', () => {
  const root = join('/', 'work', 'holdfast');
  const own = join(root, 'node_modules', '.bin');

  it('is the one that runs the script, in its own Node', () => {
    const env = { npm_execpath: '/lib/npm-cli.js', npm_node_execpath: '/bin/node', PATH: '/bin' };
    expect(npmCommand(root, env)).toMatchObject({
      command: '/bin/node',
      args: ['/lib/npm-cli.js'],
    });
  });

  it.each([
    ['there is none', {}],
    ['it is another package manager', { npm_execpath: '/lib/pnpm.cjs', npm_node_execpath: '/n' }],
    [
      'its Node lies in node_modules',
      { npm_execpath: '/lib/npm-cli.js', npm_node_execpath: join(own, 'node') },
    ],
  ])('is the one on the path when %s', (_, env) => {
    const path = [own, '/usr/bin'].join(delimiter);
    expect(npmCommand(root, { ...env, PATH: path })).toMatchObject({
      command: 'npm',
      args: [],
      env: { PATH: '/usr/bin' },
    });
  });
});
