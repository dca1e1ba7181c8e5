/**
 * The Idempotency-Key header: a quoted string as the IETF draft has it, or the same text bare, as
 * most clients send it.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 * @see https://www.rfc-editor.org/rfc/rfc8941#section-3.3.3
 */
import type { Member } from './exchange.ts';
import { Problem } from './problem.ts';

export const idempotencyKeyHeader = 'idempotency-key';

export const longestKey = 255;

export type ReadKey = { readonly key: string } | { readonly invalid: string };

const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** A comma parts two fields that a proxy has joined, so a key that has one must be quoted. */
const bare = /^[ !#-+\--~]*$/;

/** @returns the text without quotes and escapes, or what is wrong with it. */
export function readIdempotencyKey(field: string): ReadKey {
  const text = field.trim();
  if (/[^ -~]/.test(text)) return { invalid: 'may only have printable ASCII characters' };
  if (!text.startsWith('"') && !bare.test(text))
    return { invalid: 'with a quote or a comma in it must be quoted' };
  const key = text.startsWith('"') ? quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1') : text;
  if (key === undefined) return { invalid: 'is not one quoted string' };
  if (key === '') return { invalid: 'is empty' };
  if (key.length > longestKey) return { invalid: `may have at most ${longestKey} characters` };
  return { key };
}

const mutating: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether requests of a method need an Idempotency-Key. */
export const needsIdempotencyKey = (method: string): boolean => mutating.has(method);

export const idempotencyKey = ({ method }: { readonly method: string }): Member => ({
  name: 'idempotency-key',
  before: ({ internal: { exchange } }) => {
    if (!needsIdempotencyKey(method)) return;
    const field = exchange.arrival.headers[idempotencyKeyHeader];
    if (field === undefined)
      throw new Problem('idempotency-key-missing', {
        detail: 'Send Idempotency-Key with a fresh random text, and the same text on every retry.',
      });
    const read = readIdempotencyKey(field);
    if ('invalid' in read)
      throw new Problem('idempotency-key-invalid', { detail: `The key ${read.invalid}.` });
    exchange.idempotencyKey = read.key;
  },
});
