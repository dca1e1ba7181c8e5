/**
 * `.holdfast/local.json`: the running local stack, for other commands, tests, k6 and people's
 * scripts. A second stack beside it has `.holdfast/<port>.json`.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type RunningStack, runningStackSchema, StackMissingError } from '#ops/stack.ts';
import { holdfastFolder } from './bootstrap/paths.mjs';
import { isRunning } from './bootstrap/processes.mjs';

export type LocalState = RunningStack;

export interface StateOptions {
  /** Default: `.holdfast` of this checkout. */
  readonly folder?: string;
  /** Port of a second stack's endpoint. Default: the first stack. */
  readonly port?: number;
}

const fileOf = ({ folder = holdfastFolder, port }: StateOptions): string =>
  join(folder, `${port ?? 'local'}.json`);

type Found =
  | { readonly is: 'absent' }
  | { readonly is: 'unreadable'; readonly why: string }
  | { readonly is: 'stale'; readonly why: string }
  | { readonly is: 'running'; readonly state: LocalState };

function look(file: string): Found {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { is: 'absent' };
    throw error;
  }
  const parsed = runningStackSchema.safeParse(fromJson(text));
  if (!parsed.success) return { is: 'unreadable', why: z.prettifyError(parsed.error) };
  const gone = parsed.data.pids.filter((process) => !isRunning(process));
  if (gone.length === 0) return { is: 'running', state: parsed.data };
  return { is: 'stale', why: gone.map(({ name, pid }) => `${name} (process ${pid})`).join(', ') };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Publishes a stack, whole or not at all.
 *
 * @returns the file: `local.json`, or `<port>.json` while another stack runs under the first name.
 */
export function writeState(
  state: LocalState,
  { folder = holdfastFolder }: StateOptions = {},
): string {
  const checked = runningStackSchema.parse(state);
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `.state-${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(checked, null, 2)}\n`, { mode: 0o600 });
  try {
    for (const port of [undefined, Number(new URL(checked.endpoint).port)]) {
      const file = fileOf({ folder, ...(port === undefined ? {} : { port }) });
      if (claim(draft, file)) return file;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`another stack is already published for ${checked.endpoint}`);
}

/** A link, unlike a rename, fails where a file exists, so two starters cannot both have the name. */
function claim(draft: string, file: string): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (look(file).is === 'running') return false;
      rmSync(file, { force: true });
    }
  }
  return false;
}

/** The running stack, or undefined. A file that no running stack stands behind is removed. */
export function readState(options: StateOptions = {}): LocalState | undefined {
  const found = look(fileOf(options));
  if (found.is === 'stale') removeState(fileOf(options));
  return found.is === 'running' ? found.state : undefined;
}

/** @throws StackMissingError, with the reason and the remedy. */
export function runningStack(options: StateOptions = {}): LocalState {
  const file = fileOf(options);
  const found = look(file);
  switch (found.is) {
    case 'running':
      return found.state;
    case 'absent':
      throw new StackMissingError(`no local stack is running (there is no ${file}): npm start`);
    case 'unreadable':
      throw new StackMissingError(
        `${file} does not describe a local stack; end what wrote it, remove the file, then npm start\n${found.why}`,
      );
    case 'stale':
      removeState(file);
      throw new StackMissingError(
        `the local stack has ended without saying so: ${found.why} is gone; ${file} is removed: npm start`,
      );
  }
}

/** @param file as `writeState` returned it. */
export function removeState(file: string): void {
  rmSync(file, { force: true });
}
