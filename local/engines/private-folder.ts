/** The private folder of one run of an engine: its home, its temporary files, its functions' code. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type Marked, thisProcess } from '../bootstrap/processes.mjs';

const ownerFile = 'owner.json';
/** A folder without an owner was made by a starter that has not yet come to write it, or died there. */
const ownedWithinMs = 60_000;

export interface PrivateFolder {
  readonly path: string;
  readonly home: string;
  readonly temporary: string;
}

/** @returns undefined when another engine of this checkout has the name. */
export function privateFolder(runs: string, name: string): PrivateFolder | undefined {
  mkdirSync(runs, { recursive: true });
  sweep(runs);
  const path = join(runs, name);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  writeFileSync(join(path, ownerFile), JSON.stringify(thisProcess()));
  const [home, temporary] = [join(path, 'home'), join(path, 'tmp')];
  mkdirSync(home);
  mkdirSync(temporary);
  // The scripts that engines place here are CommonJS, whatever the checkout around them says.
  writeFileSync(join(path, 'package.json'), '{ "type": "commonjs" }');
  return { path, home, temporary };
}

/** Removes what supervisors could not, because they were killed. */
function sweep(runs: string): void {
  for (const name of readdirSync(runs)) {
    const path = join(runs, name);
    if (!isOwned(path)) rmSync(path, { recursive: true, force: true });
  }
}

function isOwned(path: string): boolean {
  try {
    return isRunning(JSON.parse(readFileSync(join(path, ownerFile), 'utf8')) as Marked);
  } catch {
    const madeAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - madeAtMs < ownedWithinMs;
  }
}
