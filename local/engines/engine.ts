/**
 * What stands in for AWS on a laptop. An engine is a group of processes that nobody has to remember
 * to end: it goes with the process that started it, however that one dies.
 */
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
