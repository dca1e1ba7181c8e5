/** The packages of package-lock.json: installed when it has changed, and whenever an install was broken off. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { newLog } from './logs.mjs';
import { assertRoom, installBytes } from './room.mjs';
import { runLogged } from './run-logged.mjs';

/**
 * What is installed here, in one line. It is written last, so that where it stands, all is there.
 *
 * @param {string} lockText
 */
const stampOf = (lockText) =>
  `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}\n`;

/** @type {typeof import('./install.d.mts').packageCount} */
export function packageCount(lockText, { platform, arch } = process) {
  /** @type {{ packages?: Record<string, { os?: string | string[], cpu?: string | string[] }> }} */
  const { packages = {} } = JSON.parse(lockText);
  return Object.entries(packages).filter(
    ([path, { os = platform, cpu = arch }]) =>
      path !== '' && [os].flat().includes(platform) && [cpu].flat().includes(arch),
  ).length;
}

/** @type {typeof import('./install.d.mts').npmCommand} */
export function npmCommand(root, env) {
  const modules = join(root, 'node_modules');
  const { npm_execpath: cli, npm_node_execpath: node } = env;
  const path = (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(modules))
    .join(delimiter);
  const rest = { env: { ...env, PATH: path } };
  if (cli?.endsWith('npm-cli.js') && node && !node.startsWith(modules))
    return { command: node, args: [cli], ...rest };
  const windows = process.platform === 'win32';
  return { command: windows ? 'npm.cmd' : 'npm', args: [], shell: windows, ...rest };
}

/** @type {typeof import('./install.d.mts').installPackages} */
export async function installPackages({ root, holdfast, steps, env = process.env }) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const modules = join(root, 'node_modules');
  const stampFile = join(modules, '.holdfast-install');
  const isDone = () =>
    existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOf(lockText);
  if (isDone()) return;
  assertRoom(root, installBytes);

  await withLock(
    join(holdfast, 'install.lock'),
    async (shareWith) => {
      if (isDone()) return;
      rmSync(stampFile, { force: true });
      const { args, ...npm } = npmCommand(root, env);
      await steps.run(`installing ${packageCount(lockText)} packages (npm ci)`, () =>
        runLogged({
          name: 'npm ci',
          ...npm,
          // Neither NODE_ENV=production nor `npm run -s` may leave packages or messages out, and
          // without a network npm shall say so after half a minute, not after two.
          args: [
            ...[...args, 'ci', '--include=dev', '--include=optional'],
            ...['--no-audit', '--no-fund', '--loglevel=notice'],
            ...['--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=10000'],
          ],
          cwd: root,
          logFile: newLog(join(holdfast, 'logs'), `npm-ci-${process.pid}`),
          onStart: shareWith,
        }),
      );
      mkdirSync(modules, { recursive: true });
      writeFileSync(stampFile, stampOf(lockText));
    },
    (pid) => steps.line(`waiting for another run's npm ci${pid ? ` (process ${pid})` : ''}…`),
  );
}
