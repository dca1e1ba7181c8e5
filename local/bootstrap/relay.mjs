/** Hands over to the command itself, in Node 24, and stays until it has ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { pathToFileURL } from 'node:url';
import { EnvironmentMissing } from './missing.mjs';

/**
 * @param {object} options
 * @param {string} options.node
 * @param {string} options.root
 * @param {string} options.file
 * @param {string[]} options.args
 * @param {Record<string, string>} [options.variables] beside this process's own
 * @returns {Promise<number>} the exit code
 */
export async function relay({ node, root, file, args, variables = {} }) {
  const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env['PATH']];
  const follow = pathToFileURL(join(root, 'local', 'bootstrap', 'follow-launcher.mjs')).href;
  const child = spawn(node, ['--import', follow, join(root, file), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...variables,
      PATH: path.join(delimiter),
      HOLDFAST_LAUNCHER: String(process.pid),
    },
  });
  // A terminal sends Ctrl-C to the child as well: passed on, it would arrive twice.
  const atTerminal = [0, 1, 2].some((stream) => isatty(stream));
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit').catch((error) => {
    throw new EnvironmentMissing(
      `${node} does not run on this system (${error.message}).\nIt is built for glibc; on another C library, run this in a container or machine that has it.`,
    );
  });
  return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
}
