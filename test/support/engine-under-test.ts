/** The engine that the suites run on: `npm test -- --engine <name>`. */
import { defaultEngine, type EngineName, toEngineName } from '#local/engines/names.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined on AWS. */
    engine: EngineName | undefined;
  }
}

/** @throws RangeError when HOLDFAST_ENGINE names none. */
export const engineUnderTest = (env: Readonly<Record<string, string | undefined>>): EngineName =>
  toEngineName(env['HOLDFAST_ENGINE'] || defaultEngine);
