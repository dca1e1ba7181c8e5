/** Text that people write, and that others read in a list, on a label or in a terminal. */
import * as z from 'zod';

/** One line, without white space around it. */
export const lineOfText = (maxCharacters: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxCharacters)
    .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, {
      error: 'holds a control character, or one that turns the direction of text',
    });
