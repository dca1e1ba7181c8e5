/** The machine's Pythons, and the packages of the engines for them: pinned, hashed, in folders of this checkout. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { newLog } from './logs.mjs';
import { EnvironmentMissing } from './missing.mjs';
import { checkout, holdfastFolder } from './paths.mjs';
import { markOf } from './processes.mjs';
import { progress } from './progress.mjs';
import { runLogged } from './run-logged.mjs';

/** @typedef {import('./python.d.mts').PythonEngine} PythonEngine */

/**
 * @typedef {object} Needs
 * @property {number} oldest minor version of Python 3 that the list has packages for
 * @property {number} newest
 * @property {() => string[]} candidates names on the path, or files
 * @property {string} where those were looked for
 * @property {string} variable names one instead
 * @property {string} remedy
 */

/** @type {Readonly<Record<PythonEngine, Needs>>} */
const needsOf = {
  ministack: {
    oldest: 10,
    newest: 14,
    // The system's own choice first.
    candidates: () => ['python3', ...[14, 13, 12, 11, 10].map((it) => `python3.${it}`), 'python'],
    where: 'on the path',
    variable: 'HOLDFAST_PYTHON',
    remedy: 'apt install python3 python3-pip, brew install python',
  },
  localstack: {
    // It uses what 3.12 does not have, and some of its packages are not made for 3.14.
    oldest: 13,
    newest: 13,
    candidates: () => ['python3.13', 'python3', ...ofPyenv('3.13.')],
    where: 'on the path, nor among the versions of pyenv',
    variable: 'HOLDFAST_PYTHON313',
    remedy:
      'pyenv install 3.13, uv python install 3.13, brew install python@3.13, apt install python3.13 python3-pip where the distribution has it',
  },
};

/**
 * The interpreters that pyenv has installed, the newest first: on the path are only its stubs, which
 * run the versions that are switched on.
 *
 * @param {string} prefix of their versions
 */
function ofPyenv(prefix) {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  /** @param {string} version */
  const patch = (version) => Number.parseInt(version.slice(prefix.length), 10);
  return readdirSync(versions)
    .filter((version) => version.startsWith(prefix) && patch(version) >= 0)
    .sort((a, b) => patch(b) - patch(a))
    .map((version) => join(versions, version, 'bin', 'python'));
}

/** Runs under any Python, so that an old one can be told from none. */
const question = `
import json, platform, sys
try:
    import pip
    has_pip = True
except ImportError:
    has_pip = False
print(json.dumps({"executable": sys.executable, "version": "%d.%d" % sys.version_info[:2],
                  "implementation": platform.python_implementation(), "pip": has_pip}))
`;

/**
 * A name on the path may be a version manager's stub that runs nothing, so each is asked.
 *
 * @param {string} command
 * @returns {Promise<import('./python.d.mts').Candidate | 'stub' | 'absent'>}
 */
const ask = (command) =>
  new Promise((resolve) => {
    execFile(command, ['-c', question], { timeout: 30_000 }, (error, stdout) => {
      try {
        resolve(error ? (error.code === 'ENOENT' ? 'absent' : 'stub') : JSON.parse(stdout));
      } catch {
        resolve('stub');
      }
    });
  });

/** @type {typeof import('./python.d.mts').variableOf} */
export const variableOf = (engine) => needsOf[engine].variable;

/** @param {Needs} needs */
const versionsOf = ({ oldest, newest }) =>
  oldest === newest ? `3.${oldest}` : `3.${oldest} to 3.${newest}`;

/** @type {typeof import('./python.d.mts').objection} */
export function objection(candidate, engine = 'ministack') {
  if (candidate === 'absent') return 'is not there';
  if (candidate === 'stub') return 'does not run';
  const { oldest, newest } = needsOf[engine];
  const { version, implementation, pip } = candidate;
  if (implementation !== 'CPython') return `is ${implementation}, not CPython`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < oldest)) return `is ${version}, too old`;
  if (major > 3 || minor > newest) return `is ${version}, newer than the engine's packages`;
  if (!pip) return `is ${version}, but has no pip`;
  return undefined;
}

/** @type {typeof import('./python.d.mts').findPython} */
export async function findPython(engine = 'ministack') {
  const needs = needsOf[engine];
  if (process.platform === 'win32')
    throw new EnvironmentMissing(
      'The local engines run on Linux and macOS only. On Windows, run the same command inside WSL.',
    );
  const chosen = process.env[needs.variable];
  const refused = [];
  for (const name of chosen ? [chosen] : needs.candidates()) {
    const candidate = await ask(name);
    const why = objection(candidate, engine);
    if (!why && typeof candidate === 'object') return candidate;
    if (candidate !== 'absent' || chosen) refused.push(`${name} ${why}`);
  }
  throw new EnvironmentMissing(
    `The engine ${engine} needs CPython ${versionsOf(needs)} with pip; ${
      refused.length > 0 ? refused.join('; ') : `there is no Python ${needs.where}`
    }.\nInstall one (for instance: ${needs.remedy}), or name one in ${needs.variable}.`,
  );
}

/** @type {typeof import('./python.d.mts').enginePackages} */
export async function enginePackages(engine, python, steps = progress()) {
  const { executable, version } = python;
  const requirements = join(checkout, 'local', `requirements-${engine}.txt`);
  const all = join(holdfastFolder, 'python');
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(`${version} ${process.platform} ${process.arch}`)
    .digest('hex')
    .slice(0, 12);
  const kind = `${engine}-${version}-`;
  const target = join(all, `${kind}${key}`);
  if (isUsed(target)) return target;

  await withLock(
    `${target}.lock`,
    async (shareWith) => {
      if (isUsed(target)) return;
      sweep(all);
      const unfinished = join(all, `unfinished-${process.pid}-${randomBytes(4).toString('hex')}`);
      await steps.run(`installing ${engine} for Python ${version} (pip)`, () =>
        runLogged({
          name: 'pip install',
          command: executable,
          // The person's own pip settings stay in force but for those that contradict --target.
          args: [
            ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
            ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--no-compile'],
            ...['--target', unfinished, '-r', requirements],
          ],
          env: { ...process.env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
          cwd: checkout,
          logFile: newLog(join(holdfastFolder, 'logs'), `pip-${process.pid}`),
          onStart: shareWith,
        }),
      );
      renameSync(unfinished, target);
      sweepOutdated(all, kind);
    },
    (pid) => steps.line(`waiting for another run's pip${pid ? ` (process ${pid})` : ''}…`),
  );
  return target;
}

/**
 * Removes what interrupted runs have left.
 *
 * @param {string} folder
 */
function sweep(folder) {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^unfinished-(\d+)-/.exec(name) ?? [];
    if (pid && markOf(Number(pid)) === undefined)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Whether it is there. Its time says then that it was used just now.
 *
 * @param {string} folder
 */
function isUsed(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** No run takes so long, so nobody reads what was last used before. */
const outdatedAfterMs = 24 * 3_600_000;

/**
 * Removes the packages of lists that were pinned before.
 *
 * @param {string} folder
 * @param {string} kind how the names of the same packages begin; a key follows
 */
function sweepOutdated(folder, kind) {
  for (const name of readdirSync(folder)) {
    if (!(name.startsWith(kind) && /^[0-9a-f]{12}$/.test(name.slice(kind.length)))) continue;
    const usedMs = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - usedMs > outdatedAfterMs)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}
