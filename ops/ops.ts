/** `npm run ops -- <command>`: what an operator runs, on the local stack or on AWS. */

import { endQuietly, failed } from './command-line.ts';
import { dlq } from './dlq.ts';
import { dlqUsage } from './dlq-options.ts';
import { faults, faultsUsage } from './faults.ts';
import { outbox } from './outbox.ts';
import { outboxUsage } from './outbox-options.ts';
import { queues, queuesUsage } from './queues.ts';
import { secrets } from './secrets.ts';
import { secretsUsage } from './secrets-options.ts';
import type { StackOptions } from './stack.ts';

interface Command {
  /** Pages of docs/runbooks that lead through it. */
  readonly runbooks?: readonly string[];
  readonly usage: string;
  readonly run: (
    args: readonly string[],
    out: (text: string) => void,
    options: StackOptions,
  ) => Promise<number>;
}

export const commands: Readonly<Record<string, Command>> = {
  dlq: { usage: dlqUsage, run: dlq, runbooks: ['replay-dead-letters'] },
  faults: { usage: faultsUsage, run: faults },
  outbox: { usage: outboxUsage, run: outbox, runbooks: ['replay-outbox'] },
  queues: { usage: queuesUsage, run: queues, runbooks: ['drain-queues'] },
  secrets: { usage: secretsUsage, run: secrets, runbooks: ['rotate-secret'] },
};

const usage = `usage: npm run ops -- <command> [options]
commands: ${Object.keys(commands).join(', ')}; each says more with --help
`;

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @returns the exit code: 0 done, 1 not all went well, 2 used wrongly, 3 no stack, 130 interrupted. */
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

if (import.meta.main) {
  endQuietly(process.stdout);
  process.exitCode = await ops(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
