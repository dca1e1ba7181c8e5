/** What is wrong with a request's values, as a problem's `errors`. */
import type * as z from 'zod';
import type { Fault } from './problem.ts';

export type Path = readonly PropertyKey[];

export interface Finding {
  readonly path: Path;
  readonly detail: string;
}

/** Longer names are the caller's own, unknown to any contract: nothing is gained by repeating them whole. */
const longestName = 100;

/** One fault for each place: what was found there first. */
export function toFaults(findings: readonly Finding[], of: 'body' | 'parameters'): Fault[] {
  const details = new Map<string, string>();
  for (const { path, detail } of findings) {
    const place = of === 'body' ? toPointer(path) : path.map(cut).join('.');
    if (!details.has(place)) details.set(place, detail);
  }
  return [...details].map(([place, detail]) =>
    of === 'body' ? { pointer: place, detail } : { parameter: place, detail },
  );
}

/** An unknown field is a finding of its own, at its own place. */
export const findingsOf = (issue: z.core.$ZodIssue): Finding[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], detail: issue.message }))
    : [{ path: issue.path, detail: issue.message }];

/** RFC 6901. */
const toPointer = (path: Path): string =>
  path.map((part) => `/${cut(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function cut(part: PropertyKey): string {
  const name = String(part);
  const short = name.length > longestName ? `${name.slice(0, longestName)}…` : name;
  return short.toWellFormed();
}
