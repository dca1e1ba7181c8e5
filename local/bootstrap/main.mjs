/** From a bare checkout to the command: what the machine must have is checked first, the rest is installed. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { commands, usage } from './commands.mjs';
import { followNpm } from './follow-npm.mjs';
import { installPackages } from './install.mjs';
import { EnvironmentMissing } from './missing.mjs';
import { checkout, holdfastFolder } from './paths.mjs';
import { progress } from './progress.mjs';
import { enginePackages, findPython } from './python.mjs';
import { relay } from './relay.mjs';
import { Interrupted } from './run-logged.mjs';
import { presentRuntime, runtimeOf } from './runtime.mjs';

/**
 * Everything it has to say goes to stderr: stdout belongs to the command.
 *
 * @param {string[]} words
 * @returns {Promise<number>} the exit code
 */
export async function main([name = '', ...args]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`${name ? `there is no command '${name}'\n` : ''}${usage()}`);
    return 2;
  }
  followNpm();
  try {
    const { optionalDependencies = {} } = JSON.parse(
      readFileSync(join(checkout, 'package.json'), 'utf8'),
    );
    const runtime = runtimeOf(checkout, optionalDependencies);
    const python = command.engine ? await findPython() : undefined;

    const steps = progress();
    await installPackages({ root: checkout, holdfast: holdfastFolder, steps });
    const node = presentRuntime(runtime);
    if (python) await enginePackages(python, steps);
    return await relay({
      node,
      root: checkout,
      file: command.file,
      args,
      ...(python && { variables: { HOLDFAST_PYTHON: python.executable } }),
    });
  } catch (error) {
    if (error instanceof Interrupted) return 128 + constants.signals[error.signal];
    if (!(error instanceof EnvironmentMissing)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}
