/** `npm start` as a person runs it, in a folder that holds nothing but what runs there leave behind. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '#local/bootstrap/paths.mjs';
import type { LocalState } from '#local/state-file.ts';
import { type Run, runScript } from '../../support/run-script.ts';

/** What is dear to make and is not what these tests are about. */
const shared = ['python', 'assemblies', 'compiled'];

/** @returns a folder for HOLDFAST_FOLDER, and how to be rid of it. */
export function ownFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bad-days-'));
  for (const name of shared) {
    mkdirSync(join(checkout, '.holdfast', name), { recursive: true });
    symlinkSync(join(checkout, '.holdfast', name), join(folder, name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs a script of the checkout, which leaves behind what it does in this folder. */
export const run = (
  args: readonly string[],
  folder: string,
  { within = [] }: { readonly within?: readonly string[] } = {},
): Run => runScript(args, { env: { HOLDFAST_FOLDER: folder }, within });

/** A start that has come as far as to serve. */
export async function served(folder: string): Promise<Run & { readonly state: LocalState }> {
  const start = run(['local/commands/start.ts', '--quiet'], folder);
  const [, file = ''] = await start.says(/State +(\S+)[\s\S]*Ctrl-C ends it/);
  return { ...start, state: JSON.parse(readFileSync(file, 'utf8')) as LocalState };
}

export const stateFileIn = (folder: string): boolean => existsSync(join(folder, 'local.json'));
