/**
 * What callers are told of a value that a schema does not take: what it must be, in the words of
 * JSON, and nothing of the library that looked at it. Messages that a schema brings win over these.
 */
import * as z from 'zod';

type Code = z.core.$ZodIssue['code'];
type IssueOf<C extends Code> = z.core.$ZodRawIssue<Extract<z.core.$ZodIssue, { code: C }>>;
type Words = { readonly [C in Code]: (issue: IssueOf<C>) => string };

/** For the `error` of a parse. */
export const inOurWords: z.core.$ZodErrorMap = (issue) =>
  issue.input === undefined
    ? 'is missing'
    : (words[issue.code] as (issue: z.core.$ZodRawIssue) => string)(issue);

const words: Words = {
  invalid_type: ({ expected, schema }) =>
    numeric.has(expected) ? mustBeNumber(schema) : `must be ${types[expected] ?? 'another type'}`,
  too_small: (issue) => outOfRange(issue),
  too_big: (issue) => outOfRange(issue),
  invalid_format: ({ format }) => formats[format] ?? 'has not the form that is needed here',
  invalid_value: ({ values }) =>
    `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`,
  not_multiple_of: ({ divisor }) => `must be a multiple of ${divisor}`,
  unrecognized_keys: () => 'is not known here',
  invalid_key: () => 'has a name that is not taken here',
  invalid_element: () => 'has an entry that is not taken here',
  invalid_union: () => 'has none of the forms that are taken here',
  custom: () => 'is not taken here',
};

const numeric: ReadonlySet<string> = new Set(['number', 'int']);

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  null: 'null',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  datetime: 'must be like 2030-01-07T09:00:00Z, in UTC',
  date: 'must be like 2030-01-07',
  email: 'must be an e-mail address',
};

/** What the schema takes as a whole: whichever of its bounds was met, the caller hears of all. */
interface Bounds {
  readonly type?: unknown;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

/** Of each schema once: a body may have a fault in each of thousands of entries. */
const known = new WeakMap<z.core.$ZodType, Bounds>();

function boundsOf(schema: z.core.$ZodType | undefined): Bounds {
  if (!schema) return {};
  const found = known.get(schema) ?? readBounds(schema);
  known.set(schema, found);
  return found;
}

function readBounds(schema: z.core.$ZodType): Bounds {
  const { type, minimum, minLength, minItems, maximum, maxLength, maxItems } = z.toJSONSchema(
    schema,
    { io: 'input', unrepresentable: 'any' },
  );
  return {
    type,
    least: minimum ?? minLength ?? minItems,
    most: maximum ?? maxLength ?? maxItems,
  };
}

function mustBeNumber(schema: z.core.$ZodType | undefined): string {
  const bounds = boundsOf(schema);
  return `must be a ${bounds.type === 'integer' ? 'whole ' : ''}number${rangeOf(bounds)}`;
}

/** The ends of what JSON can say exactly are nobody's choice, and are not told. */
function rangeOf({ least = -Infinity, most = Infinity }: Bounds): string {
  const hasLeast = least > Number.MIN_SAFE_INTEGER;
  const hasMost = most < Number.MAX_SAFE_INTEGER;
  if (hasLeast && hasMost) return ` from ${least} to ${most}`;
  if (hasLeast) return `, at least ${least}`;
  return hasMost ? `, at most ${most}` : '';
}

function outOfRange({ origin, schema }: IssueOf<'too_small' | 'too_big'>): string {
  if (numeric.has(origin)) return mustBeNumber(schema);
  const { least = 0, most = Infinity } = boundsOf(schema);
  const things = origin === 'string' ? 'characters' : 'entries';
  if (least === most) return `must have ${least} ${things}`;
  if (most < Infinity)
    return `must have ${least > 0 ? `${least} to ` : 'at most '}${most} ${things}`;
  return least > 1 ? `must have at least ${least} ${things}` : 'must not be empty';
}
