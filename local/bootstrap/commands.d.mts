export interface Command {
  /** From the checkout's root. */
  readonly file: string;
  readonly summary: string;
  /** It starts a local engine, so Python is looked for. */
  readonly engine?: boolean;
}

/** What `node local/run.mjs` can be asked for. package.json has a script for each. */
export declare const commands: Readonly<Record<string, Command>>;

export declare function usage(): string;
