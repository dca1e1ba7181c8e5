/** A script of the checkout, run as a command: what it says while it runs, and how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';

export interface Run {
  readonly pid: number;
  readonly said: () => string;
  /** Resolves with what was found, or rejects when it ends without having said so. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export interface RunOptions {
  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the one that stands behind it: `unshare -rm …`. */
  readonly within?: readonly string[];
}

/** A stack drains and stops in a second or two. */
const endsWithinMs = 20_000;

/** What still runs when the test ends, ends with it. */
export function runScript(
  args: readonly string[],
  { env = {}, within = [] }: RunOptions = {},
): Run {
  const [command = '', ...rest] = [...within, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: checkout,
    env: { ...process.env, ...env },
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
