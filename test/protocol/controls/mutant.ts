/** The code under exploration with one passage changed, bundled from the real sources. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import type { Subject } from '../subject.ts';

export interface Mutation {
  /** From the checkout's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly passage: string;
  readonly instead: string;
}

const checkout = join(import.meta.dirname, '../../..');

/** @throws Error when the passage does not stand in its file exactly once: then this is no control. */
export function mutated({ file, passage, instead }: Mutation): string {
  const source = readFileSync(join(checkout, file), 'utf8');
  const found = source.split(passage).length - 1;
  if (found !== 1) throw new Error(`${file} has the passage to change ${found} times: ${passage}`);
  // Not as a pattern: a dollar sign means itself.
  return source.replace(passage, () => instead);
}

export async function mutant(mutation: Mutation): Promise<Subject> {
  const contents = mutated(mutation);
  const target = join(checkout, mutation.file);
  let changed = 0;
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../subject.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'silent',
    plugins: [
      {
        name: 'one passage',
        setup({ onLoad, onResolve }) {
          // Ours, not a package: what `packages: external` would leave out.
          onResolve({ filter: /^#/ }, ({ path }) => ({ path: join(checkout, path.slice(1)) }));
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (path !== target) return undefined;
            changed += 1;
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  if (changed !== 1) throw new Error(`${mutation.file} is no part of what is explored`);
  const exported = { exports: {} };
  const run = compileFunction(outputFiles[0]?.text ?? '', ['module', 'exports', 'require']);
  run(exported, exported.exports, createRequire(import.meta.url));
  return exported.exports as Subject;
}
