/** From a bare checkout to the command: what the machine must have is checked first, the rest is installed. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { commands, usage } from './commands.mjs';
import { engineIn, pythonEngines } from './engine-choice.mjs';
import { followNpm } from './follow-npm.mjs';
import { installPackages } from './install.mjs';
import { EnvironmentMissing } from './missing.mjs';
import { checkout, holdfastFolder } from './paths.mjs';
import { progress } from './progress.mjs';
import { enginePackages, findPython, variableOf } from './python.mjs';
import { relay } from './relay.mjs';
import { assertRoom, noRoomLeft, runBytes } from './room.mjs';
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
    const engine = command.engine ? engineIn(args) : undefined;
    const packaged = engine ? pythonEngines[engine] : [];
    const [first] = packaged;
    const python = first && (await findPython(first));

    if (engine) assertRoom(holdfastFolder, runBytes);
    const steps = progress();
    await installPackages({ root: checkout, holdfast: holdfastFolder, steps });
    const node = presentRuntime(runtime);
    if (python) for (const one of packaged) await enginePackages(one, python, steps);
    return await relay({
      node,
      root: checkout,
      file: command.file,
      args,
      ...(python && { variables: { [variableOf(first)]: python.executable } }),
    });
  } catch (error) {
    if (error instanceof Interrupted) return 128 + constants.signals[error.signal];
    const missing = error instanceof EnvironmentMissing ? error : noRoomLeft(error);
    if (!missing) throw error;
    process.stderr.write(`${missing.message}\n`);
    return missing.exitCode;
  }
}
