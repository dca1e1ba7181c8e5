/** The CDK's own command line, as a child that is logged, and that ends when it is told to, or with us. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { checkout } from './bootstrap/paths.mjs';

const commandLine = join(checkout, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const followStarter = join(checkout, 'local', 'bootstrap', 'follow-launcher.mjs');

type Variables = Readonly<Record<string, string | undefined>>;

export interface CdkRun {
  readonly args: readonly string[];
  /** All of its environment. The app runs in the first `node` of PATH, which is made this one. */
  readonly environment: Variables;
  /** Where `cdk.json` is, or is not. Default: the checkout. */
  readonly cwd?: string;
  /** All that it prints is added here. */
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
  /** Ends it; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The CDK did not do what it was asked. The message says why, as far as the CDK does. */
export class CdkError extends Error {
  override name = 'CdkError';
}

/** @throws CdkError unless it exits with 0. */
export async function cdk({
  args,
  environment,
  cwd = checkout,
  logFile,
  onLine,
  signal,
}: CdkRun): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(followStarter).href, commandLine, ...args, '--no-color'],
    {
      cwd,
      env: { ...withOwnNode(environment), HOLDFAST_LAUNCHER: String(process.pid) },
      // A group of its own: what it starts ends with it, and a terminal's Ctrl-C comes through us.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const end = () => endGroup(child);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const lines: string[] = [];
    let unlogged: unknown;
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface({ input: stream }).on('line', (line) => {
          try {
            appendFileSync(logFile, `${line}\n`);
          } catch (error) {
            unlogged ??= error;
            end();
          }
          lines.push(line);
          onLine?.(line);
        });
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
    signal?.throwIfAborted();
    if (unlogged) throw unlogged;
    const how = killedBy ? `was ended by ${killedBy}` : 'failed';
    if (code !== 0) throw new CdkError(`cdk ${args[0]} ${how} (${logFile}):\n${reasonsOf(lines)}`);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** With the terminal in its own hands, for what it asks of a person. @returns its exit code. */
export async function cdkAtTerminal(
  args: readonly string[],
  environment: Variables,
): Promise<number> {
  const child = spawn(process.execPath, [commandLine, ...args], {
    cwd: checkout,
    env: withOwnNode(environment),
    stdio: 'inherit',
  });
  // A terminal's Ctrl-C reaches it by itself; what it does then is for it to say.
  const ignore = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', pass);
  const [code] = (await once(child, 'close')) as [number | null];
  process.off('SIGINT', ignore).off('SIGTERM', pass);
  return code ?? 1;
}

const withOwnNode = (environment: Variables): Variables => ({
  ...environment,
  PATH: [dirname(process.execPath), environment['PATH']].filter(Boolean).join(delimiter),
});

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const noise = /^(\s*$|\s+at |✨|❌ {2}\S+ failed to deploy$|Failed resources:|Node\.js v)/;
const mostReasons = 20;

/**
 * What of the output of a failed run says why: from the CDK's own verdict on, else from the first
 * error that its app did not catch, else the end.
 */
export function reasonsOf(lines: readonly string[]): string {
  const verdict = lines.findIndex((line) => line.startsWith('‣ '));
  const uncaught = lines.findIndex((line) => /^\w*Error\b.*:/.test(line));
  if (verdict >= 0) return told(lines.slice(verdict));
  if (uncaught < 0) return told(lines.slice(-mostReasons));
  const stack = lines.findIndex((line, at) => at > uncaught && /^\s+at /.test(line));
  return told(lines.slice(uncaught, stack < 0 ? undefined : stack));
}

const told = (lines: readonly string[]): string =>
  lines
    .filter((line) => !noise.test(line))
    .slice(0, mostReasons)
    .map((line) => line.replace(/^‣ /, ''))
    .join('\n');
