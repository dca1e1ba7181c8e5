/** The checks that run no test: format and lint, types, dead code. Each is one command. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { checkout } from './bootstrap/paths.mjs';

/** A script of Node below node_modules, by path: bins of two packages here are called `tsc`. */
export interface Check {
  readonly script: string;
  readonly args: readonly string[];
}

export const checks = {
  'format and lint': {
    script: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings'],
  },
  types: { script: 'node_modules/ts7/bin/tsc', args: ['--project', 'tsconfig.json'] },
  'types of k6 scripts': {
    script: 'node_modules/ts7/bin/tsc',
    args: ['--project', 'k6/tsconfig.json'],
  },
  'dead code': {
    script: 'node_modules/knip/bin/knip.js',
    args: ['--no-progress', '--treat-config-hints-as-errors'],
  },
} as const satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;

export interface CheckResult {
  readonly passed: boolean;
  /** What the tool printed. */
  readonly output: string;
  readonly elapsedMs: number;
}

export interface CheckOptions {
  /** Further arguments, behind the check's own. */
  readonly args?: readonly string[];
  /** Default: the checkout. */
  readonly cwd?: string;
}

/** @throws Error when the tool cannot be started. */
export async function runCheck(
  name: CheckName,
  { args = [], cwd = checkout }: CheckOptions = {},
): Promise<CheckResult> {
  const startedMs = performance.now();
  const check: Check = checks[name];
  const tool = spawn(process.execPath, [`${checkout}/${check.script}`, ...check.args, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    tool.once('error', reject);
    tool.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(tool.stdout), text(tool.stderr)]);
  return {
    passed: code === 0,
    output: `${stdout}${stderr}`.trim(),
    elapsedMs: performance.now() - startedMs,
  };
}
