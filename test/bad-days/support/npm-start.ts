/** `npm start` as a person runs it, in a folder that holds nothing but what runs there leave behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';
import type { LocalState } from '#local/state-file.ts';

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

export interface Run {
  readonly pid: number;
  readonly said: () => string;
  /** Resolves with what was found, or rejects when it ends without having said so. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** A stack drains and stops in a second or two. */
const endsWithinMs = 20_000;

/** Runs a script of the checkout. What still runs when the test ends, ends with it. */
export function run(
  args: readonly string[],
  folder: string,
  { within = [] }: { readonly within?: readonly string[] } = {},
): Run {
  const [command = '', ...rest] = [...within, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: checkout,
    env: { ...process.env, HOLDFAST_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += text;
      for (const look of waiting) look();
    });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    const killing = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
    await ended;
    clearTimeout(killing);
  });
  return {
    pid: child.pid ?? 0,
    said: () => said,
    ended,
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(said);
          if (found) resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`it ended with ${code} and said:\n${said}`)));
      }),
  };
}

/** A start that has come as far as to serve. */
export async function served(folder: string): Promise<Run & { readonly state: LocalState }> {
  const start = run(['local/commands/start.ts', '--quiet'], folder);
  const [, file = ''] = await start.says(/State +(\S+)[\s\S]*Ctrl-C ends it/);
  return { ...start, state: JSON.parse(readFileSync(file, 'utf8')) as LocalState };
}

export const stateFileIn = (folder: string): boolean => existsSync(join(folder, 'local.json'));
