import type { Steps } from './progress.d.mts';

/** The engines that are written in Python, each with a list of packages: local/requirements-<name>.txt. */
export type PythonEngine = 'ministack' | 'localstack';

/** What has such a list: the engines, and tools. */
export type PythonPackages = PythonEngine | 'cfn-lint';

export interface Python {
  /** Absolute path of the interpreter itself, not of a shim. */
  readonly executable: string;
  /** `3.12` */
  readonly version: string;
}

export interface Candidate extends Python {
  readonly implementation: string;
  readonly pip: boolean;
}

/** The environment variable that names the Python of an engine. */
export declare function variableOf(engine: PythonEngine): string;

/**
 * The first interpreter that the engine's packages are for and that has pip: `$HOLDFAST_PYTHON`
 * (for LocalStack `$HOLDFAST_PYTHON313`), or the usual names. Default: for MiniStack.
 *
 * @throws EnvironmentMissing that says what was tried and why each was not taken.
 */
export declare function findPython(engine?: PythonEngine): Promise<Python>;

/**
 * The folder that holds the packages of an engine or a tool for this Python, installed if it is not there yet.
 *
 * @throws EnvironmentMissing when they cannot be installed.
 */
export declare function enginePackages(
  engine: PythonPackages,
  python: Python,
  steps?: Steps,
): Promise<string>;

/** Why a candidate is not taken, or undefined when it is. A stub is a program that does not run. */
export declare function objection(
  candidate: Candidate | 'stub' | 'absent',
  engine?: PythonEngine,
): string | undefined;
