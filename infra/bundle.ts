/**
 * The code of all functions by one esbuild run: ES modules with everything inside, the AWS SDK
 * included (a function starts faster so, and runs the same everywhere), one folder a function.
 *
 * A folder is named by the hash of its content and appears whole or not at all, so runs beside
 * each other do no harm, and the same sources give the same folders.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { type FunctionName, functions } from '#functions/tables/functions.ts';
import { contentHash, readBundleCache, writeBundleCache } from './bundle-cache.ts';

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));

export interface BundleOptions {
  /** Entry file by function name. */
  readonly entries?: Readonly<Record<string, string>>;
  /** Fault switches are part of the code. Where they are not, no byte of them is. */
  readonly faults: boolean;
  readonly outDir?: string;
}

/** Folder by function name; its index.mjs exports `handler`. */
export type Bundles = Readonly<Record<string, string>>;

/** Every function's own entry: functions/<name>/handler.ts. */
export const handlerEntries = (): Record<FunctionName, string> =>
  Object.fromEntries(
    Object.keys(functions).map((name) => [name, join(projectDir, 'functions', name, 'handler.ts')]),
  ) as Record<FunctionName, string>;

/** @throws what esbuild says of sources that do not build. */
export function bundle({
  entries = handlerEntries(),
  faults,
  outDir = join(projectDir, '.holdfast', 'bundles'),
}: BundleOptions): Bundles {
  const options: BuildOptions = {
    absWorkingDir: projectDir,
    entryPoints: Object.entries(entries).map(([name, file]) => ({
      in: file,
      out: `${name}/index`,
    })),
    outdir: outDir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    // Some packages are CommonJS inside and call require for Node's own modules.
    banner: {
      js: "import{createRequire as holdfastRequire}from'node:module';const require=holdfastRequire(import.meta.url);",
    },
    define: { 'process.env.HOLDFAST_FAULTS_BUNDLED': JSON.stringify(String(faults)) },
    logLevel: 'silent',
  };
  const cached = readBundleCache(options);
  if (cached) return cached;

  clearOld(outDir);
  const { outputFiles, metafile } = buildSync({ ...options, write: false, metafile: true });
  const bundles = Object.fromEntries(
    outputFiles.map(({ path, contents }) => {
      const name = basename(dirname(path));
      const folder = join(outDir, `${name}-${contentHash(contents)}`);
      if (!existsSync(folder)) placeWhole(folder, contents);
      return [name, folder];
    }),
  );
  writeBundleCache(options, Object.keys(metafile.inputs), bundles);
  return bundles;
}

function placeWhole(folder: string, contents: Uint8Array): void {
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(`${folder}.`);
  const file = join(beside, 'index.mjs');
  writeFileSync(file, contents);
  // Whatever this user's umask says: the zip keeps the mode, and Lambda reads as somebody else.
  chmodSync(file, 0o644);
  chmodSync(beside, 0o755);
  try {
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true });
    if (!existsSync(folder)) throw error; // else another run placed the same content first
  }
}

const weekMs = 7 * 86_400_000;

/** What no run has made for a week is of no use, and each change of a shared file leaves a set behind. */
function clearOld(outDir: string): void {
  if (!existsSync(outDir)) return;
  for (const path of readdirSync(outDir).map((name) => join(outDir, name)))
    if (statSync(path).mtimeMs < Date.now() - weekMs) rmSync(path, { recursive: true });
}
