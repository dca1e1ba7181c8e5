import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    expect(objection(undefined)).toBe('does not run');
  });
});

describe('looking for a Python', () => {
  /** Programs by name, the only ones on the path. */
  function pathWith(programs: Record<string, string>) {
    const folder = scratchFolder();
    for (const [name, script] of Object.entries(programs)) {
      const file = join(folder, name);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    }
    vi.stubEnv('PATH', folder);
    vi.stubEnv('HOLDFAST_PYTHON', undefined);
    return folder;
  }
  const answers = (what: object) => `echo '${JSON.stringify({ ...good, ...what })}'`;

  it('passes over stubs and old ones', async () => {
    pathWith({
      python3: 'echo "pyenv: version not installed" >&2; exit 127',
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
