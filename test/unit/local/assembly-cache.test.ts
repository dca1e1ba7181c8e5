import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assemblyOf, sourcesHash } from '#local/assembly-cache.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-assembly-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** An app that writes what the sources say, and counts how often it is asked to. */
function app() {
  const root = scratch();
  let runs = 0;
  const state = { sources: 'one' };
  const make = async (output: string) => {
    runs += 1;
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, 'manifest.json'), state.sources);
  };
  return {
    state,
    runs: () => runs,
    kept: () => readdirSync(join(root, 'kept')),
    assembly: (name: string, during: (output: string) => void = () => {}) =>
      assemblyOf({
        make: async (output) => {
          await make(output);
          during(output);
        },
        hash: () => state.sources,
        own: join(root, name),
        folder: join(root, 'kept'),
      }),
  };
}

const contentOf = (assembly: string) => readFileSync(join(assembly, 'manifest.json'), 'utf8');

describe('an assembly', () => {
  it('is made once for the same sources', async () => {
    const { assembly, runs } = app();
    const first = await assembly('a');
    const second = await assembly('b');
    expect([contentOf(first), contentOf(second)]).toEqual(['one', 'one']);
    expect(runs()).toBe(1);
  });

  it('is made anew for others, and the old one is still there', async () => {
    const { assembly, runs, state } = app();
    await assembly('a');
    state.sources = 'two';
    expect(contentOf(await assembly('b'))).toBe('two');
    state.sources = 'one';
    expect(contentOf(await assembly('c'))).toBe('one');
    expect(runs()).toBe(2);
  });

  it('is not kept when the sources have changed while it was made', async () => {
    const { assembly, runs, state } = app();
    await assembly('a', () => {
      state.sources = 'two';
    });
    state.sources = 'one';
    await assembly('b');
    expect(runs()).toBe(2);
  });

  it('outlives the run that made it', async () => {
    const { assembly } = app();
    rmSync(await assembly('a'), { recursive: true });
    expect(existsSync(await assembly('b'))).toBe(true);
  });

  it('is made anew where something of it is missing', async () => {
    const { assembly, runs } = app();
    rmSync(join(await assembly('a'), 'manifest.json'));
    const kept = await assembly('b');
    expect(runs()).toBe(1);
    rmSync(join(await assembly('c'), 'manifest.json'));
    expect(contentOf(await assembly('d'))).toBe('one');
    expect(runs()).toBe(2);
    expect(existsSync(kept)).toBe(true);
  });

  it('that cannot be kept whole leaves nothing behind', async () => {
    const { assembly, kept } = app();
    // Where the list of its files is to be.
    const inTheWay = (output: string) => void mkdirSync(join(output, 'files.json'));
    await expect(assembly('a', inTheWay)).rejects.toThrow(/EISDIR/);
    expect(kept()).toEqual([]);
  });

  it('makes way for later ones', async () => {
    const { assembly, state, kept } = app();
    for (const sources of ['one', 'two', 'three', 'four', 'five', 'six']) {
      state.sources = sources;
      await assembly(sources);
    }
    expect(kept()).toHaveLength(4);
    expect(kept()).toContain('six');
  });
});

describe('the hash of the sources', () => {
  function checkout() {
    const root = scratch();
    mkdirSync(join(root, 'infra'));
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'infra', 'app.ts'), 'app');
    writeFileSync(join(root, 'docs', 'page.md'), 'page');
    writeFileSync(join(root, 'package-lock.json'), '{}');
    return root;
  }

  it('is the same for the same files', () => {
    expect(sourcesHash(['local'], checkout())).toBe(sourcesHash(['local'], checkout()));
  });

  it.each([
    ['a source', 'infra/app.ts'],
    ['a new source', 'infra/other.ts'],
    ['the lockfile', 'package-lock.json'],
  ])('changes with %s', (_, file) => {
    const root = checkout();
    const before = sourcesHash(['local'], root);
    writeFileSync(join(root, file), 'changed');
    expect(sourcesHash(['local'], root)).not.toBe(before);
  });

  it('does not change with what the app does not read', () => {
    const root = checkout();
    const before = sourcesHash(['local'], root);
    writeFileSync(join(root, 'docs', 'page.md'), 'changed');
    expect(sourcesHash(['local'], root)).toBe(before);
  });

  it('depends on what the app is told', () => {
    const root = checkout();
    expect(sourcesHash(['local'], root)).not.toBe(sourcesHash(['sandbox'], root));
  });
});
