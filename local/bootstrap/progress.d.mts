export interface Steps {
  /**
   * Does one step and prints `✓ name · 1.2 s`, or `✗ name · 1.2 s` with the error's first line
   * before it throws what the step threw. `note` puts a detail behind the name.
   */
  run<T>(name: string, work: (note: (detail: string) => void) => Promise<T> | T): Promise<T>;
  /** Prints a line above the step in progress. */
  line(text: string): void;
}

export interface ProgressOptions {
  /** A terminal gets a line kept alive, anything else a line every ten seconds and one at the end. */
  readonly stream?: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };
  /** Milliseconds from any origin. */
  readonly now?: () => number;
  /** Calls `tick` every `everyMs` until the function it returns is called. */
  readonly every?: (tick: () => void, everyMs: number) => () => void;
}

export declare function progress(options?: ProgressOptions): Steps;
