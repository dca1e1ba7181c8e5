import type { Steps } from './progress.d.mts';

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

/**
 * The first interpreter that is new enough and has pip: `$HOLDFAST_PYTHON`, or the usual names.
 *
 * @throws EnvironmentMissing that says what was tried and why each was not taken.
 */
export declare function findPython(): Promise<Python>;

/**
 * The folder that holds the engine's packages for this Python, installed if it is not there yet.
 *
 * @throws EnvironmentMissing when they cannot be installed.
 */
export declare function enginePackages(python: Python, steps?: Steps): Promise<string>;

/** Why a candidate is not taken, or undefined when it is. */
export declare function objection(candidate: Candidate | undefined): string | undefined;
