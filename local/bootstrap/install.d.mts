import type { Steps } from './progress.d.mts';

/** How many of the lockfile's packages a machine gets. Default: this one. */
export declare function packageCount(
  lockText: string,
  machine?: { readonly platform: string; readonly arch: string },
): number;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The npm that runs this script, else the one on the path; never with a Node out of node_modules,
 * which npm is about to replace.
 */
export declare function npmCommand(
  root: string,
  env: Environment,
): { command: string; args: string[]; env: Record<string, string | undefined>; shell?: boolean };

export interface InstallOptions {
  /** The checkout. */
  readonly root: string;
  /** Its folder for logs and locks. */
  readonly holdfast: string;
  readonly steps: Steps;
  readonly env?: Environment;
}

/**
 * Does nothing where the packages of this very lockfile have been installed to the end.
 *
 * @throws EnvironmentMissing when npm fails, with the end of its log.
 */
export declare function installPackages(options: InstallOptions): Promise<void>;
