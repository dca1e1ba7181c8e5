/** Installers: all they say goes into a log, and of that only the end, and only when they fail, to the screen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tailOf } from './logs.mjs';
import { EnvironmentMissing } from './missing.mjs';

const offline =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|name resolution|ConnectionError|ConnectTimeout|ReadTimeout|Max retries|No matching distribution/;

/** Ctrl-C, or a request to end, while something was being installed. */
export class Interrupted extends Error {
  /** @override */
  name = 'Interrupted';
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }
}

/**
 * @param {object} options
 * @param {string} options.name what failed, should it fail
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.logFile
 * @param {boolean} [options.shell]
 * @param {(pid: number) => void} [options.onStart]
 */
export async function runLogged({ name, logFile, onStart, command, args, ...rest }) {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { ...rest, stdio: ['ignore', log, log] });
  closeSync(log);
  /** @type {NodeJS.Signals | undefined} */
  let interrupted;
  /** @param {NodeJS.Signals} signal */
  const interrupt = (signal) => {
    interrupted = signal;
    child.kill(signal);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const ended = once(child, 'exit');
    if (child.pid) onStart?.(child.pid);
    const [code] = await ended;
    if (interrupted) throw new Interrupted(interrupted);
    if (code !== 0) {
      const tail = tailOf(logFile);
      const remedy = offline.test(tail)
        ? 'The package registry was not reached: check the network and the proxy settings, then run the same command again.'
        : 'Put right what it says, then run the same command again.';
      throw new EnvironmentMissing(`${name} failed; ${logFile} ends:\n${tail}\n${remedy}`);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new EnvironmentMissing(
        `${name} failed: there is no ${command}. Install it, or add it to PATH.`,
      );
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
