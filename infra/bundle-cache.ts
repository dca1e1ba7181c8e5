/**
 * Remembers which sources the last bundle was made of: reading them again takes milliseconds where
 * bundling them takes a second. Packages are taken as the lockfile says.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, version } from 'esbuild';

/** 16 hex digits of a SHA-256. */
export const contentHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

interface Remembered {
  /** Hash by path, of every source outside of node_modules. */
  readonly sources: Readonly<Record<string, string>>;
  readonly bundles: Readonly<Record<string, string>>;
}

/** What decides how sources are read, besides the sources. */
const settings = ['package.json', 'package-lock.json', 'tsconfig.json'];

const cacheFile = (options: BuildOptions): string =>
  join(options.outdir ?? '', `${contentHash(JSON.stringify([version, options]))}.json`);

const hashOf = (directory: string, path: string): string =>
  contentHash(readFileSync(join(directory, path)));

/** The folders of the last bundle with these options, or undefined where anything has changed. */
export function readBundleCache(options: BuildOptions): Remembered['bundles'] | undefined {
  const directory = options.absWorkingDir ?? '';
  const file = cacheFile(options);
  if (!existsSync(file)) return undefined;
  const { sources, bundles } = JSON.parse(readFileSync(file, 'utf8')) as Remembered;
  const stands =
    Object.values(bundles).every((folder) => existsSync(folder)) &&
    Object.entries(sources).every(
      ([path, hash]) => existsSync(join(directory, path)) && hashOf(directory, path) === hash,
    );
  return stands ? bundles : undefined;
}

export function writeBundleCache(
  options: BuildOptions,
  inputs: readonly string[],
  bundles: Remembered['bundles'],
): void {
  const directory = options.absWorkingDir ?? '';
  const own = inputs.filter((path) => !path.includes('node_modules/'));
  const sources = Object.fromEntries(
    [...settings, ...own].sort().map((path) => [path, hashOf(directory, path)]),
  );
  const file = cacheFile(options);
  mkdirSync(options.outdir ?? '', { recursive: true });
  writeFileSync(
    `${file}.${process.pid}`,
    JSON.stringify({ sources, bundles } satisfies Remembered),
  );
  renameSync(`${file}.${process.pid}`, file);
}
