/** Who a script calls as: the runner hands them over in the environment, by name. */
import { fail } from 'k6';

export interface Caller {
  readonly apiKey: string;
  readonly token: string;
}

/** As `npm run k6` makes them for the script (local/tools/k6-callers.ts). */
export function callersNamed<N extends string>(
  ...names: readonly N[]
): Readonly<Record<N, Caller>> {
  const given: Readonly<Record<string, Caller>> = JSON.parse(
    __ENV['CALLERS'] ?? fail('CALLERS is not set: use npm run k6'),
  );
  const missing = names.filter((name) => !given[name]);
  if (missing.length > 0) fail(`CALLERS has no ${missing.join(', ')}`);
  return given as Readonly<Record<N, Caller>>;
}
