/** The code on a page of docs/patterns, to be found in a test that runs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Indentation and line breaks do not count, nor the commas that come with them. */
const flat = (code: string): string =>
  code
    .replace(/\s+/g, ' ')
    .replace(/,? ([)\]}])/g, '$1')
    .replace(/([([{]) /g, '$1');

/**
 * Its blocks, cut where a blank line is: a page may leave out what stands between. Without imports:
 * a test has its own, and a rule of the house looks at those of pages.
 */
export const codeOnPage = (pattern: string): readonly string[] =>
  [
    ...readFileSync(
      join(import.meta.dirname, '../../docs/patterns', `${pattern}.md`),
      'utf8',
    ).matchAll(/```ts\n(.*?)```/gs),
  ]
    .flatMap(([, block = '']) => block.split('\n\n'))
    .map((part) => flat(part).trim())
    .filter((part) => !part.startsWith('import '));

export const codeOfFile = (file: string): string => flat(readFileSync(file, 'utf8'));
