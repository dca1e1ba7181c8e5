/** A process group that ends with this process (see supervisor.mjs). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tailOf } from '../bootstrap/logs.mjs';
import { checkout } from '../bootstrap/paths.mjs';
import { type Marked, membersOf } from '../bootstrap/processes.mjs';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Both of its output streams are added to this file. */
  readonly logFile: string;
  /** Its working directory; removed when it has ended. */
  readonly privateFolder: string;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  /**
   * The command that removes what a failure at its end has left. With it, asked to end, it must end
   * with code 0 in its grace; without it, however it ends is well.
   */
  readonly byHand?: string;
}

export interface Supervised extends Marked {
  readonly supervisorPid: number;
  stop(): Promise<void>;
  readonly died: Promise<{ code: number | null; tail: string }>;
}

/** An engine that did not start, or did not end. */
export class EngineError extends Error {
  override name = 'EngineError';
}

/** Exit code of a supervisor. */
const endedBadly = 2;

type Message = Marked | { readonly failed: string } | { readonly exited: number | null };

/** @throws EngineError when the program cannot be run at all. */
export async function supervised({
  graceMs = 3_000,
  byHand,
  ...program
}: Program): Promise<Supervised> {
  const log = openSync(program.logFile, 'a');
  const supervisor = spawn(process.execPath, [join(checkout, 'local', 'supervisor.mjs')], {
    detached: true,
    stdio: ['ignore', 'ignore', log, 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOLDFAST_PROGRAM: JSON.stringify({ ...program, graceMs }),
    },
  });
  closeSync(log);
  const ended = once(supervisor, 'exit') as Promise<[number | null]>;
  let code: number | null = null;
  supervisor.on('message', (message: Message) => {
    if ('exited' in message) code = message.exited;
  });

  let stopping = false;
  const { pid, startedAt } = await started(supervisor, ended, program);
  const died = new Promise<{ code: number | null; tail: string }>((resolve, reject) => {
    ended
      .then(() => {
        if (!stopping) resolve({ code, tail: tailOf(program.logFile) });
      })
      .catch(reject);
  });
  // Whoever waits for it sees it fail; nobody has to wait.
  died.catch(() => {});
  return {
    pid,
    startedAt,
    supervisorPid: supervisor.pid ?? 0,
    died,
    async stop() {
      stopping = true;
      if (supervisor.connected) supervisor.disconnect();
      const [left] = await ended;
      if (left !== 0 && membersOf(pid).length > 0)
        throw new EngineError(
          `processes of group ${pid} could not be ended: see ps -o pid,pgid,args`,
        );
      if (left === endedBadly && byHand)
        throw new EngineError(
          `the engine did not end well; its log (${program.logFile}) ends:\n${tailOf(program.logFile)}\nWhat it has left is removed by: ${byHand}`,
        );
    },
  };
}

async function started(
  supervisor: ChildProcess,
  ended: Promise<unknown>,
  { command, logFile }: Program,
): Promise<Marked> {
  const [message] = (await Promise.race([
    once(supervisor, 'message'),
    ended.then(() => [{ failed: tailOf(logFile) }]),
  ])) as [Message];
  if ('pid' in message) return message;
  throw new EngineError(`${command} cannot be run: ${'failed' in message ? message.failed : ''}`);
}
