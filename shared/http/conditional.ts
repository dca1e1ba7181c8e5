/**
 * Conditional GET: whoever has what would be sent is told so, and is sent nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 (If-None-Match)
 */
import { createHash } from 'node:crypto';
import type { Answer, Call } from './call.ts';

export const ifNoneMatchHeader = 'if-none-match';

/** The strong tag of an answer's content: the same for the same JSON, letter by letter. */
export const contentEtag = (body: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;

const entityTag = '(?:W/)?"[!#-~\\x80-\\xff]*"';
// No place where blanks or commas could be read in two ways: a field may go on for as long as it likes.
const list = new RegExp(`^[\\s,]*${entityTag}(?:\\s*,[\\s,]*${entityTag})*[\\s,]*$`);
const opaque = /"[!#-~\x80-\xff]*"/g;

/** Whether the field names the tag. Weak tags count by what stands in them; a malformed field is none. */
export function namesTag(field: string, etag: string): boolean {
  const text = field.trim();
  if (text === '*') return true;
  const [wanted] = etag.match(opaque) ?? [];
  return list.test(text) && [...text.matchAll(opaque)].some(([tag]) => tag === wanted);
}

/**
 * The answer, or 304 in its place: without its content, with its headers.
 * @throws RangeError for an answer without an `etag`
 */
export function conditional({ headers }: Pick<Call, 'headers'>, answer: Answer): Answer {
  const etag = answer.headers?.['etag'];
  if (etag === undefined) throw new RangeError('a conditional answer needs an etag');
  const field = headers[ifNoneMatchHeader];
  if (field === undefined || !namesTag(field, etag)) return answer;
  return { status: 304, ...(answer.headers && { headers: answer.headers }) };
}
