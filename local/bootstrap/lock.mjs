/** A lock between processes of one machine, kept as a folder. A lock whose holders are dead is free. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, markOf, thisProcess } from './processes.mjs';

/** Between making the folder and naming its holder a process is not this slow, unless it died there. */
const namedWithinMs = 10_000;

/** @typedef {{ pid: number, startedAt: string }} Marked */

/** @param {string} folder @returns {Marked[] | undefined} */
function holdersOf(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'holders.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} folder @param {Marked[]} holders */
function name(folder, holders) {
  const draft = join(folder, `holders-${process.pid}`);
  writeFileSync(draft, JSON.stringify(holders));
  renameSync(draft, join(folder, 'holders.json'));
}

/** @param {string} folder */
function isFree(folder) {
  const holders = holdersOf(folder);
  if (holders) return !holders.some(isRunning);
  const madeAtMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - madeAtMs > namedWithinMs;
}

/** @param {string} folder */
function take(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  name(folder, [thisProcess()]);
  return true;
}

/**
 * Moves a dead holder's lock out of the way. Only one of several processes that found it dead can
 * move it, and one that comes so late that it has moved the next holder's puts that back.
 *
 * @param {string} folder
 */
function clear(folder) {
  const aside = `${folder}-${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return;
  }
  if (isFree(aside)) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, folder);
}

/** @type {typeof import('./lock.d.mts').withLock} */
export async function withLock(folder, work, onWait = () => {}) {
  for (let waited = false; !take(folder); waited = true) {
    if (isFree(folder)) clear(folder);
    else {
      if (!waited) onWait(holdersOf(folder)?.[0]?.pid);
      await sleep(100);
    }
  }
  try {
    return await work((pid) =>
      name(folder, [thisProcess(), { pid, startedAt: markOf(pid) ?? 'ended' }]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
