/**
 * Runs one engine as a process group of its own, and ends the whole group when the engine ends,
 * when it is asked to (SIGTERM, SIGINT, SIGHUP), and when the channel to its starter closes, which
 * it does however the starter dies. Then it removes the engine's private folder and exits: 1 when a
 * process is left, 2 when the engine was asked to end and did so otherwise than with code 0, else 0.
 *
 * HOLDFAST_PROGRAM is JSON: { command, args, environment, logFile, privateFolder, graceMs }.
 * It tells the starter { pid, startedAt } or { failed }, and { exited } if the engine ends by itself.
 */
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { markOf, membersOf } from './bootstrap/processes.mjs';

/** A killed process is gone in milliseconds, unless the machine is in trouble. */
const killedWithinMs = 10_000;

const { command, args, environment, logFile, privateFolder, graceMs } = JSON.parse(
  process.env['HOLDFAST_PROGRAM'] ?? '',
);
const log = openSync(logFile, 'a');
// Its stdin stays open as long as this process lives, so that the engine can follow it too.
const engine = spawn(command, args, {
  cwd: privateFolder,
  env: environment,
  detached: true,
  stdio: ['pipe', log, log],
});

let told = Promise.resolve();
/**
 * A starter that is gone hears nothing, and need not.
 *
 * @param {object} message
 */
const tell = (message) => {
  if (process.connected)
    told = new Promise((resolve) => process.send?.(message, () => resolve(undefined)));
};

/** @param {NodeJS.Signals} name */
function signal(name) {
  try {
    if (engine.pid) process.kill(-engine.pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** @param {number} withinMs */
async function isEmpty(withinMs) {
  const deadlineMs = performance.now() + withinMs;
  while (engine.pid && membersOf(engine.pid).length > 0) {
    if (performance.now() > deadlineMs) return false;
    await sleep(20);
  }
  return true;
}

/** @type {Promise<void> | undefined} */
let ending;
/** @param {boolean} asked */
const end = (asked) => {
  ending ??= (async () => {
    signal('SIGTERM');
    let empty = await isEmpty(graceMs);
    if (!empty) {
      signal('SIGKILL');
      empty = await isEmpty(killedWithinMs);
    }
    rmSync(privateFolder, { recursive: true, force: true, maxRetries: 5 });
    await told;
    if (!empty) process.exit(1);
    process.exit(asked && (await code) !== 0 ? 2 : 0);
  })();
};

/** @type {Promise<number | null>} null when a signal has ended it, or it was never there */
const code = new Promise((resolve) => {
  engine.once('exit', resolve);
  engine.once('error', () => resolve(null));
});
engine.once('spawn', () => tell({ pid: engine.pid, startedAt: markOf(engine.pid ?? 0) ?? '' }));
engine.once('error', (error) => {
  tell({ failed: error.message });
  end(false);
});
engine.once('exit', (exited) => {
  if (!ending) tell({ exited });
  end(false);
});
process.once('disconnect', () => end(true));
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => end(true));
