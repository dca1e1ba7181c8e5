/**
 * Keeps what the CDK app made of sources, by their hash: making it again takes longer than all the
 * rest of a deployment to an engine. What is kept is never changed, so runs beside each other may
 * deploy the same.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/paths.mjs';

/** Everything that the app reads. Packages are taken as their lockfile says. */
const inputs = ['{infra,functions,shared}/**/*.*', 'cdk.json', 'package*.json', 'tsconfig.json'];

const kept = 4;

/** 16 hex digits for the sources as they are now, and what the app is told besides. */
export function sourcesHash(told: readonly string[], root: string = checkout): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, told]));
  for (const path of globSync(inputs, { cwd: root }).sort()) {
    const content = readFileSync(join(root, path));
    hash.update(JSON.stringify([path, content.length])).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

export interface AssemblyCache {
  /** Makes an assembly in the given folder. */
  readonly make: (folder: string) => Promise<void>;
  /** Of what it would be made. Asked before and after: sources may change meanwhile. */
  readonly hash: () => string;
  /** Where this run makes its own. */
  readonly own: string;
  /** Where assemblies are kept. */
  readonly folder: string;
}

/** @returns the folder of an assembly of the sources as they were when it was called, or are now. */
export async function assemblyOf({ make, hash, own, folder }: AssemblyCache): Promise<string> {
  const before = hash();
  const place = join(folder, before);
  if (isWhole(place)) {
    const now = new Date();
    utimesSync(place, now, now);
    return place;
  }
  rmSync(place, { recursive: true, force: true });
  await make(own);
  if (hash() !== before) return own;
  keep(own, place);
  return own;
}

const fileList = 'files.json';

/** Nothing that was kept is missing: a cleaner of temporary files, or a copy that broke off, takes some. */
function isWhole(place: string): boolean {
  try {
    const files: readonly string[] = JSON.parse(readFileSync(join(place, fileList), 'utf8'));
    return files.every((file) => existsSync(join(place, file)));
  } catch {
    return false;
  }
}

/** It appears whole or not at all. */
function keep(own: string, place: string): void {
  const folder = join(place, '..');
  const beside = `${place}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    cpSync(own, beside, { recursive: true });
    writeFileSync(join(beside, fileList), JSON.stringify(globSync('**/*', { cwd: beside })));
    renameSync(beside, place);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(place)) throw error; // else another run was first, with the same
  }
  const byAge = readdirSync(folder)
    .map((name) => ({ path: join(folder, name), usedMs: usedMs(join(folder, name)) }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of byAge.slice(kept)) rmSync(path, { recursive: true, force: true });
}

const usedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
