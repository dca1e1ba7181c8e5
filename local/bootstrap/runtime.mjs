/** Node 24: the package of this platform, or the machine's own where there is none (macOS). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentMissing } from './missing.mjs';

const needed = 24;

/** @typedef {import('./runtime.d.mts').Machine} Machine */

/** @param {Machine} machine */
const packageOf = ({ platform, arch }) => `node-${platform === 'win32' ? 'win' : platform}-${arch}`;

/** @type {typeof import('./runtime.d.mts').runtimeOf} */
export function runtimeOf(root, optionalDependencies, machine = pick(process)) {
  const name = packageOf(machine);
  if (name in optionalDependencies)
    return join(
      root,
      'node_modules',
      name,
      'bin',
      machine.platform === 'win32' ? 'node.exe' : 'node',
    );
  return ownNode(machine, `there is no package of it for ${machine.platform}-${machine.arch}`);
}

/** @type {typeof import('./runtime.d.mts').presentRuntime} */
export const presentRuntime = (runtime, machine = pick(process)) =>
  existsSync(runtime)
    ? runtime
    : ownNode(machine, `npm has not installed ${dirname(dirname(runtime))}`);

/** @param {Machine} machine @param {string} why */
function ownNode({ version, execPath }, why) {
  if (Number.parseInt(version, 10) >= needed) return execPath;
  throw new EnvironmentMissing(
    `Holdfast runs on Node ${needed}; this is Node ${version}, and ${why}.\nInstall Node ${needed} (https://nodejs.org, or: brew install node@${needed}), then run the same command again.`,
  );
}

/** @param {NodeJS.Process} process @returns {Machine} */
const pick = ({ platform, arch, version, execPath }) => ({
  platform,
  arch,
  version: version.slice(1),
  execPath,
});
