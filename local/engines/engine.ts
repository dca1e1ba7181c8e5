/**
 * What stands in for AWS on a laptop. An engine is a group of processes that nobody has to remember
 * to end: it goes with the process that started it, however that one dies.
 */
import { startMiniStack } from './ministack.ts';

export interface Engine {
  readonly name: string;
  /** Base address of every AWS API, on the loopback: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly region: string;
  readonly pid: number;
  /** Tells this process from a later one with the same id (see `markOf` of bootstrap/processes). */
  readonly startedAt: string;
  /** What the engine writes, its functions' output included. */
  readonly logFile: string;
  /** Resolves when no process of the engine is left and its private folder is gone. Repeatable. */
  stop(): Promise<void>;
  /** Resolves if the engine ends without having been stopped; `tail` is the end of its log. */
  readonly died: Promise<{ code: number | null; tail: string }>;
}

export interface EngineOptions {
  /** Folder for its logs and private files. Default: `.holdfast` of this checkout. */
  readonly folder?: string;
  /** Time for the engine to answer that it is ready. */
  readonly readyWithinMs?: number;
  /** Function environments at once, over all functions; each is a process of about 66 MB. */
  readonly functionConcurrency?: number;
}

export type EngineName = 'ministack';

const engines = { ministack: startMiniStack } satisfies Record<
  EngineName,
  (options: EngineOptions) => Promise<Engine>
>;

/**
 * A running engine keeps this process alive, as a listening server would.
 *
 * @throws EngineError when it does not come up, with the end of its log.
 * @throws EnvironmentMissing when Python or its packages are missing, with the remedy.
 */
export const startEngine = (name: EngineName, options: EngineOptions = {}): Promise<Engine> =>
  engines[name](options);
