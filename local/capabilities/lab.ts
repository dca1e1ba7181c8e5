/**
 * What a probe works with: clients, names nobody else has, and things that are gone when it ends. A
 * function of a probe says what it did by what it writes down (`notebook`) or returns.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Clients, labClients } from './lab/clients.ts';
import { type DeployedFunction, deployFunction, type FunctionOptions } from './lab/function.ts';
import { type Answer, type Invocation, invoke } from './lab/invoke.ts';
import { createNotebook, type Notebook } from './lab/notebook.ts';
import { createQueue, type Queue, type QueueOptions } from './lab/queue.ts';
import { type DeployedStack, deployStack, type StackOptions } from './lab/stack.ts';
import { createTable, type Table, type TableOptions } from './lab/table.ts';

/** What everything else of a lab is made with. */
export interface Bench {
  readonly endpoint: string;
  readonly region: string;
  readonly clients: Clients;
  /** A name that nobody else has, in small letters and dashes: `probe-<hint>-<random>`. */
  name(hint: string): string;
  /** Is done when the probe has ended, whatever became of it; what was said last is done first. */
  later(undo: () => Promise<unknown>): void;
  /**
   * Asks until there is an answer other than undefined and false. A rejection of `check` passes on.
   *
   * @returns undefined when the time is over: something that does not happen is a finding.
   */
  eventually<T>(
    check: () => Promise<T | undefined | false>,
    options: Patience,
  ): Promise<T | undefined>;
  /** As `eventually`, for what a question presupposes. @throws Error that says what did not happen. */
  must<T>(what: string, check: () => Promise<T | undefined | false>, options: Patience): Promise<T>;
}

export interface Patience {
  readonly withinMs: number;
  /** Time between two looks. */
  readonly everyMs?: number;
}

export interface Lab extends Bench {
  /** An active function of the code in `options.code`, an ESM module that exports `handler`. */
  deployFunction(options: FunctionOptions): Promise<DeployedFunction>;
  invoke(invocation: Invocation): Promise<Answer>;
  /** Where functions write down what they did, with `note(anything)`. */
  createNotebook(): Promise<Notebook>;
  createTable(options?: TableOptions): Promise<Table>;
  createQueue(options?: QueueOptions): Promise<Queue>;
  /** @throws StackRefused when the engine refuses the template, or cannot make what is in it. */
  deployStack(options: StackOptions): Promise<DeployedStack>;
}

export interface RunningLab extends Lab {
  /** Undoes everything. @throws AggregateError of what could not be undone; the rest has been. */
  cleanUp(): Promise<void>;
}

export interface LabOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly clients?: Clients;
}

/** The environment must lead to the endpoint already (`useLocalAws`): clients go by that. */
export function newLab({ endpoint, region, clients = labClients() }: LabOptions): RunningLab {
  const undoing: (() => Promise<unknown>)[] = [];
  const bench: Bench = {
    endpoint,
    region,
    clients,
    name: (hint) => `probe-${hint}-${crypto.randomUUID().slice(0, 8)}`,
    later(undo) {
      undoing.push(undo);
    },
    eventually,
    async must(what, check, patience) {
      const answer = await eventually(check, patience);
      if (answer === undefined) throw new Error(`${what}: not within ${patience.withinMs} ms`);
      return answer;
    },
  };
  return {
    ...bench,
    deployFunction: (options) => deployFunction(bench, options),
    invoke: (invocation) => invoke(bench, invocation),
    createNotebook: () => createNotebook(bench),
    createTable: (options) => createTable(bench, options),
    createQueue: (options) => createQueue(bench, options),
    deployStack: (options) => deployStack(bench, options),
    async cleanUp() {
      const faults: unknown[] = [];
      for (const undo of undoing.splice(0).reverse())
        await undo().catch((fault: unknown) => faults.push(fault));
      if (faults.length > 0) throw new AggregateError(faults, 'a probe could not be cleaned up');
    },
  };
}

async function eventually<T>(
  check: () => Promise<T | undefined | false>,
  { withinMs, everyMs = 100 }: Patience,
): Promise<T | undefined> {
  const deadlineMs = performance.now() + withinMs;
  while (true) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= deadlineMs) return undefined;
    await wait(everyMs);
  }
}
