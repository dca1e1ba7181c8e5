export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Of the Node that runs this: `20.20.2`. */
  readonly version: string;
  /** Of the same. */
  readonly execPath: string;
}

/**
 * The Node that runs the commands, as it will be once packages are installed.
 *
 * @param optionalDependencies of package.json
 * @param machine default: this one
 * @throws EnvironmentMissing when there is neither a package nor a new enough Node.
 */
export declare function runtimeOf(
  root: string,
  optionalDependencies: Readonly<Record<string, string>>,
  machine?: Machine,
): string;

/**
 * npm leaves an optional package out in silence when it cannot have it.
 *
 * @throws EnvironmentMissing when it has, and this machine's own Node is too old.
 */
export declare function presentRuntime(runtime: string, machine?: Machine): string;
