import type { EngineName } from '../engines/names.ts';
import type { PythonEngine } from './python.d.mts';

/** What has to be installed for an engine, under the Python of the first. */
export declare const pythonEngines: Readonly<Record<EngineName, readonly PythonEngine[]>>;

/**
 * What follows the last `--engine`, and MiniStack without one. Undefined for a name that nobody has:
 * the command refuses it, with its usage.
 */
export declare function engineIn(args: readonly string[]): EngineName | undefined;
