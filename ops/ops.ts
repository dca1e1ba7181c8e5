/** `npm run ops -- <command>`: what an operator runs, on the local stack or on AWS. */

import { failed } from './command-line.ts';
import { faults, faultsUsage } from './faults.ts';
import type { StackOptions } from './stack.ts';

interface Command {
  readonly usage: string;
  readonly run: (
    args: readonly string[],
    out: (text: string) => void,
    options: StackOptions,
  ) => Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  faults: { usage: faultsUsage, run: faults },
};

const usage = `usage: npm run ops -- <command> [options]
commands: ${Object.keys(commands).join(', ')}; each says more with --help
`;

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @returns the exit code: 0 done, 2 used wrongly, 3 no stack. */
export async function ops(
  [name = '', ...args]: readonly string[],
  { out, err }: Output,
  options: StackOptions = {},
): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const asked = name === '' || name === '--help';
    err(asked ? usage : `there is no command '${name}'\n${usage}`);
    return name === '--help' ? 0 : 2;
  }
  if (args.includes('--help')) {
    out(command.usage);
    return 0;
  }
  try {
    return await command.run(args, out, options);
  } catch (error) {
    return failed(error, command.usage, err);
  }
}

if (import.meta.main)
  process.exitCode = await ops(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
