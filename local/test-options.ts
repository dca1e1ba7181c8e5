/** What `npm test` is asked for: an engine, and the rest is vitest's. */
import { defaultEngine, type EngineName, toEngineName } from './engines/names.ts';

export interface TestOptions {
  readonly engine: EngineName;
  /** Where the tally is left for whoever sums several runs. */
  readonly tallyFile: string | undefined;
  readonly forVitest: readonly string[];
}

/** @throws RangeError for an engine that is none, and for an option without its value. */
export function readTestOptions(args: readonly string[]): TestOptions {
  const forVitest = [...args];
  const engine = taken(forVitest, 'engine');
  return {
    engine: engine === undefined ? defaultEngine : toEngineName(engine),
    tallyFile: taken(forVitest, 'tally'),
    forVitest,
  };
}

/** Takes every `--name value` and `--name=value` out of the arguments. @returns the last value. */
function taken(args: string[], name: string): string | undefined {
  const option = `--${name}`;
  let value: string | undefined;
  for (let at = 0; at < args.length; ) {
    const arg = args[at] ?? '';
    if (arg === option) [, value = ''] = args.splice(at, 2);
    else if (arg.startsWith(`${option}=`)) value = args.splice(at, 1)[0]?.slice(option.length + 1);
    else at++;
    if (value === '') throw new RangeError(`${option} must be followed by its value`);
  }
  return value;
}
