/** The machine's Python, and the engine's packages for it: pinned, hashed, in a folder of this checkout. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newLog } from './logs.mjs';
import { EnvironmentMissing } from './missing.mjs';
import { checkout, holdfastFolder } from './paths.mjs';
import { markOf } from './processes.mjs';
import { progress } from './progress.mjs';
import { runLogged } from './run-logged.mjs';

const requirements = join(checkout, 'local', 'requirements-ministack.txt');

/** The versions that the list has wheels for. */
const oldest = 10;
const newest = 14;

/** Names on the path, the system's own choice first. */
const names = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
];

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
 * @returns {Promise<import('./python.d.mts').Candidate | undefined>}
 */
const ask = (command) =>
  new Promise((resolve) => {
    execFile(command, ['-c', question], { timeout: 10_000 }, (error, stdout) => {
      try {
        resolve(error ? undefined : JSON.parse(stdout));
      } catch {
        resolve(undefined);
      }
    });
  });

/** @type {typeof import('./python.d.mts').objection} */
export function objection(candidate) {
  if (!candidate) return 'does not run';
  const { version, implementation, pip } = candidate;
  if (implementation !== 'CPython') return `is ${implementation}, not CPython`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < oldest)) return `is ${version}, too old`;
  if (major > 3 || minor > newest) return `is ${version}, newer than the engine's packages`;
  if (!pip) return `is ${version}, but has no pip`;
  return undefined;
}

/** @type {typeof import('./python.d.mts').findPython} */
export async function findPython() {
  if (process.platform === 'win32')
    throw new EnvironmentMissing(
      'The local engine runs on Linux and macOS only. On Windows, run the same command inside WSL.',
    );
  const chosen = process.env['HOLDFAST_PYTHON'];
  const refused = [];
  for (const name of chosen ? [chosen] : names) {
    const candidate = await ask(name);
    const why = objection(candidate);
    if (candidate && !why) return candidate;
    if (candidate || chosen) refused.push(`${name} ${why}`);
  }
  throw new EnvironmentMissing(
    `The local engine needs CPython 3.${oldest} to 3.${newest} with pip; ${
      refused.length > 0 ? refused.join('; ') : 'there is no Python on the path'
    }.\nInstall one (for instance: apt install python3 python3-pip, brew install python), or name one in HOLDFAST_PYTHON.`,
  );
}

/** @type {typeof import('./python.d.mts').enginePackages} */
export async function enginePackages(python, steps = progress()) {
  const { executable, version } = python;
  const all = join(holdfastFolder, 'python');
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(`${version} ${process.platform} ${process.arch}`)
    .digest('hex')
    .slice(0, 12);
  const target = join(all, `${version}-${key}`);
  if (existsSync(target)) return target;

  mkdirSync(all, { recursive: true });
  sweep(all);
  const unfinished = join(all, `unfinished-${process.pid}-${randomBytes(4).toString('hex')}`);
  await steps.run(`installing the local engine for Python ${version} (pip)`, () =>
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
    }),
  );
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another run was faster: its folder holds the same.
    if (!existsSync(target)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
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
