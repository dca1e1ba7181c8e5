import * as z from 'zod';

const digits = /^[1-9]\d*$/;

/** A parameter of the query that is a whole number from 1, in digits: `0x10`, `1e2`, ` 5`, `+5` and
 *  `05` are none. What is none stays text, and the schema of the number says what it must be. Where
 *  it may be left out, `prefault` says what it is then: only that stands in docs/openapi.yaml. */
export const wholeNumber = ({ most }: { readonly most: number }) =>
  z.preprocess(
    (text) => (typeof text === 'string' && digits.test(text) ? Number(text) : text),
    z.int().min(1).max(most),
  );
