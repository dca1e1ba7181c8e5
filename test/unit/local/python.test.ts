import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
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
