/**
 * The If-Match header of routes that change what a caller has read: exactly one strong entity tag,
 * the one that came with the reading.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 */
import type { Member } from './exchange.ts';
import { Problem } from './problem.ts';

export const ifMatchHeader = 'if-match';

export type ReadMatch = { readonly version: number } | { readonly invalid: string };

/** An opaque tag of RFC 9110 §8.8.3: anything between quotes but quotes, blanks and controls. */
const opaque = '"[!#-~\\x80-\\xff]*"';
const weak = new RegExp(`^W/${opaque}$`);
const strong = new RegExp(`^${opaque}$`);
const several = new RegExp(`^(W/)?${opaque}(\\s*,\\s*(W/)?${opaque})+$`);
const ours = /^"([1-9]\d{0,15})"$/;

/** The strong tag of an entity. */
export const toEtag = (version: number): string => `"${version}"`;

/** @returns the version that the tag names, or what is wrong with the field. */
export function readIfMatch(field: string): ReadMatch {
  const text = field.trim();
  if (text === '*')
    return { invalid: 'is *, which names no version: whatever stands would be lost' };
  if (weak.test(text)) return { invalid: 'is a weak tag, and If-Match compares strongly' };
  if (several.test(text)) return { invalid: 'names several tags, where one was read' };
  if (!strong.test(text)) return { invalid: 'is not one quoted tag' };
  const version = Number(ours.exec(text)?.[1]);
  return Number.isSafeInteger(version) ? { version } : { invalid: 'is no tag of this service' };
}

/** The refusal of a change to what is no longer as its caller read it. */
export const staleVersion = (currentVersion: number): Problem =>
  new Problem('stale-version', {
    detail: `It has changed since it was read: it is at version ${currentVersion}.`,
    headers: { etag: toEtag(currentVersion) },
    extensions: { currentVersion },
  });

export interface IfMatchOptions {
  /** The route changes an entity that has a tag, so it needs the tag that was read. Default false. */
  readonly ifMatch?: boolean | undefined;
}

export const ifMatch = ({ ifMatch: needed = false }: IfMatchOptions): Member => ({
  name: 'if-match',
  before: ({ internal: { exchange } }) => {
    if (!needed) return;
    const field = exchange.arrival.headers[ifMatchHeader];
    if (field === undefined)
      throw new Problem('precondition-required', {
        detail: 'Send If-Match with the ETag that came with what is to be changed.',
      });
    const read = readIfMatch(field);
    if ('invalid' in read)
      throw new Problem('if-match-invalid', { detail: `The field ${read.invalid}.` });
    exchange.ifMatch = read.version;
  },
});
