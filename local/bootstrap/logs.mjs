/** Log files of what runs in the background. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const keptForMs = 7 * 24 * 3_600_000;

/**
 * A new, empty log. Those that nobody has written to for a week make way, so that the folder never
 * needs tidying.
 *
 * @param {string} folder
 * @param {string} name
 */
export function newLog(folder, name) {
  mkdirSync(folder, { recursive: true });
  for (const other of readdirSync(folder)) {
    const path = join(folder, other);
    const { mtimeMs = Infinity } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (path.endsWith('.log') && Date.now() - mtimeMs > keptForMs) rmSync(path, { force: true });
  }
  const file = join(folder, `${name}.log`);
  writeFileSync(file, '');
  return file;
}

/**
 * @param {string} file
 * @param {number} [lines]
 */
export const tailOf = (file, lines = 15) =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
