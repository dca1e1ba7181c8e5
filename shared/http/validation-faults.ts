/** What zod found, in the words of a problem's `errors`. */
import type * as z from 'zod';
import type { Fault } from './problem.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Longer names are the caller's own, unknown to any contract: nothing is gained by repeating them whole. */
const longestName = 100;

export const toFaults = (issues: readonly Issue[], place: 'body' | 'parameters'): Fault[] =>
  issues
    .flatMap(located)
    .map(({ path, detail }) =>
      place === 'body'
        ? { pointer: toPointer(path), detail }
        : { parameter: path.map(cut).join('.'), detail },
    );

/** An unknown field is a fault of its own, at its own place. */
function located(issue: Issue): { path: Path; detail: string }[] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'is not known here' }))
    : [{ path: issue.path, detail: issue.message }];
}

/** RFC 6901. */
const toPointer = (path: Path): string =>
  path.map((part) => `/${cut(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function cut(part: PropertyKey): string {
  const name = String(part);
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}
