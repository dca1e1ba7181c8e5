import { chmodSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Steps } from '#local/bootstrap/progress.mjs';
import { findPython, objection } from '#local/bootstrap/python.mjs';
import { scratchFolder } from './scratch.ts';

const good = { executable: '/bin/python3', version: '3.12', implementation: 'CPython', pip: true };

describe('a Python', () => {
  it.each(['3.10', '3.11', '3.12', '3.13', '3.14'])('%s is taken', (version) => {
    expect(objection({ ...good, version })).toBeUndefined();
  });

  it.each([
    [{ version: '2.7' }, 'too old'],
    [{ version: '3.9' }, 'too old'],
    [{ version: '3.15' }, 'newer than'],
    [{ version: '4.0' }, 'newer than'],
    [{ implementation: 'PyPy' }, 'not CPython'],
    [{ pip: false }, 'no pip'],
  ])('is not taken when it is %o', (flaw, why) => {
    expect(objection({ ...good, ...flaw })).toContain(why);
  });

  it('is not taken when it is a stub that runs nothing', () => {
    expect(objection('stub')).toBe('does not run');
  });

  it.each([
    ['3.12', 'is 3.12, too old'],
    ['3.13', undefined],
    ['3.14', "is 3.14, newer than the engine's packages"],
  ])('%s will do for LocalStack, or not: %s', (version, why) => {
    expect(objection({ ...good, version }, 'localstack')).toBe(why);
  });
});

/** Programs by name, the only ones on the path, and a pyenv without versions. */
function pathWith(programs: Record<string, string>) {
  const folder = scratchFolder();
  for (const [name, script] of Object.entries(programs)) place(join(folder, name), script);
  vi.stubEnv('PATH', folder);
  vi.stubEnv('PYENV_ROOT', join(folder, 'pyenv'));
  vi.stubEnv('HOLDFAST_PYTHON', undefined);
  vi.stubEnv('HOLDFAST_PYTHON313', undefined);
  return folder;
}

function place(file: string, script: string) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const answers = (what: object) => `echo '${JSON.stringify({ ...good, ...what })}'`;
const stub = 'echo "pyenv: version not installed" >&2; exit 127';

describe('looking for a Python', () => {
  it('passes over stubs and old ones', async () => {
    pathWith({
      python3: stub,
      'python3.13': answers({ version: '3.13', executable: '/opt/python' }),
      python: answers({ version: '2.7' }),
    });
    expect(await findPython()).toMatchObject({ version: '3.13', executable: '/opt/python' });
  });

  it('says what it found when none will do, and what to install', async () => {
    pathWith({ python3: answers({ version: '3.9' }), python: answers({ version: '2.7' }) });
    await expect(findPython()).rejects.toThrow(
      /python3 is 3\.9, too old; python is 2\.7, too old.\nInstall one/,
    );
  });

  it('says so when there is none', async () => {
    pathWith({});
    await expect(findPython()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('there is no Python on the path'),
    });
  });

  it('takes the one that it was told to, or none', async () => {
    const folder = pathWith({ python3: answers({}), mine: 'exit 1' });
    vi.stubEnv('HOLDFAST_PYTHON', join(folder, 'mine'));
    await expect(findPython()).rejects.toThrow(/mine does not run/);
  });
});

describe('the packages of an engine', () => {
  /** Installs nothing: the folder that it is told to fill is there when it has ended. */
  const pip = 'while [ "$1" != --target ]; do shift; done; /bin/mkdir "$2"';

  /** Those of MiniStack for Python 3.12, in a folder where these are already. Times are hours ago. */
  async function packages(before: Readonly<Record<string, number>>) {
    const folder = scratchFolder();
    place(join(folder, 'pip'), pip);
    const all = join(folder, 'python');
    const age = (name: string, hours: number) =>
      utimesSync(join(all, name), new Date(), new Date(Date.now() - hours * 3_600_000));
    for (const [name, hours] of Object.entries(before)) {
      mkdirSync(join(all, name, 'some'), { recursive: true });
      age(name, hours);
    }
    vi.stubEnv('HOLDFAST_FOLDER', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.resetModules();
    const { enginePackages } = await import('#local/bootstrap/python.mjs');
    const steps: Steps = { run: async (_, work) => work(() => {}), line() {} };
    const python = { executable: join(folder, 'pip'), version: '3.12' };
    return {
      age,
      hoursSinceUse: (name: string) => (Date.now() - statSync(join(all, name)).mtimeMs) / 3_600_000,
      names: () => readdirSync(all).sort(),
      install: async () => basename(await enginePackages('ministack', python, steps)),
    };
  }

  it('make way for later ones when nobody has used them for a day', async () => {
    const others = [
      'localstack-3.12-000000000000',
      'ministack-3.11-000000000000',
      'ministack-3.12-000000000000.lock',
    ];
    const { names, install } = await packages({
      ...Object.fromEntries(others.map((name) => [name, 25])),
      'ministack-3.12-000000000000': 25,
      'ministack-3.12-111111111111': 23,
    });
    const installed = await install();
    expect(names()).toEqual([...others, 'ministack-3.12-111111111111', installed].sort());
  });

  it('stay while they are used', async () => {
    const { age, hoursSinceUse, install } = await packages({});
    const installed = await install();
    age(installed, 25);
    expect(await install()).toBe(installed);
    expect(hoursSinceUse(installed)).toBeLessThan(1);
  });
});

describe('looking for the Python of LocalStack', () => {
  it('takes 3.13 by its name before another by the usual one', async () => {
    pathWith({
      python3: answers({ version: '3.13', executable: '/usual' }),
      'python3.13': answers({ version: '3.13', executable: '/exact' }),
    });
    expect(await findPython('localstack')).toMatchObject({ executable: '/exact' });
  });

  it('finds the newest that pyenv has, behind stubs that run nothing', async () => {
    const folder = pathWith({ 'python3.13': stub, python3: answers({ version: '3.11' }) });
    const versions = join(folder, 'pyenv', 'versions');
    for (const version of ['3.12.9', '3.13.9', '3.13.10', '3.13-dev', '3.14.0'])
      place(
        join(versions, version, 'bin', 'python'),
        answers({ version: '3.13', executable: version }),
      );
    expect(await findPython('localstack')).toMatchObject({ executable: '3.13.10' });
  });

  it('says what was tried, and how to come by one', async () => {
    pathWith({ 'python3.13': stub, python3: answers({ version: '3.12' }) });
    await expect(findPython('localstack')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^The engine localstack needs CPython 3\.13 with pip; python3\.13 does not run; python3 is 3\.12, too old\.\nInstall one \(for instance: pyenv install 3\.13, .+\), or name one in HOLDFAST_PYTHON313\.$/,
      ),
    });
  });

  it('says so when there is none', async () => {
    pathWith({});
    await expect(findPython('localstack')).rejects.toThrow(
      'there is no Python on the path, nor among the versions of pyenv',
    );
  });

  it('takes the one that it was told to, or none, whatever the usual one is', async () => {
    const folder = pathWith({ 'python3.13': answers({ version: '3.13' }) });
    vi.stubEnv('HOLDFAST_PYTHON', join(folder, 'python3.13'));
    vi.stubEnv('HOLDFAST_PYTHON313', join(folder, 'nowhere'));
    await expect(findPython('localstack')).rejects.toThrow(/nowhere is not there/);
  });
});
