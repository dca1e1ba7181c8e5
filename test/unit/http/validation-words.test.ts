/** What callers are told about their values: in our words, on every route. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Example, RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { wholeNumber } from '#functions/whole-number.ts';
import { type Fault, Problem } from '#shared/http/problem.ts';
import { validate } from '#shared/http/validate.ts';
import { inOurWords } from '#shared/http/validation-words.ts';

const uuid = z.uuid();
const instant = z.iso.datetime({ precision: 0 });

describe('a value that a schema does not take', () => {
  // biome-ignore format: a table, one value a row
  it.each<[string, z.ZodType, unknown]>([
    ['is missing',                                  z.string(),                         undefined],
    ['is missing',                                  z.enum(['a', 'b']),                 undefined],
    ['must be a string',                            z.string(),                         7],
    ['must be a string',                            uuid,                               null],
    ['must be true or false',                       z.boolean(),                        'yes'],
    ['must be an object',                           z.strictObject({}),                 []],
    ['must be an array',                            z.array(z.string()),                {}],
    ['must be a number',                            z.number(),                         '1'],
    ['must be a number from 0 to 1',                z.number().min(0).max(1),           2],
    ['must be a whole number',                      z.int(),                            1.5],
    ['must be a whole number',                      z.int(),                            2 ** 60],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            0],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            901],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            1.5],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            1e300],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            '5'],
    ['must be a whole number from 1 to 900',        z.int().min(1).max(900),            Infinity],
    ['must be a whole number from 1 to 100',        wholeNumber({ most: 100 }).prefault(20), 'ten'],
    ['must be a whole number, at least 0',          z.int().min(0),                     -1],
    ['must be a whole number, at most 9',           z.int().max(9),                     10],
    ['must have 1 to 64 characters',                z.string().min(1).max(64),          ''],
    ['must have 1 to 64 characters',                z.string().min(1).max(64),          'a'.repeat(65)],
    ['must have at most 64 characters',             z.string().max(64),                 'a'.repeat(65)],
    ['must have at least 3 characters',             z.string().min(3),                  'a'],
    ['must not be empty',                           z.string().min(1),                  ''],
    ['must have 3 characters',                      z.string().length(3),               'EURO'],
    ['must have 1 to 20 entries',                   z.array(z.int()).min(1).max(20),    []],
    ['must be a UUID',                              uuid,                               'no'],
    ['must be like 2030-01-07T09:00:00Z, in UTC',   instant,                            '2030-01-07'],
    ['must be like 2030-01-07T09:00:00Z, in UTC',   instant,                            '2030-02-30T09:00:00Z'],
    ['must be one of a, b',                         z.enum(['a', 'b']),                 'c'],
    ['must be a',                                   z.literal('a'),                     'c'],
    ['is not known here',                           z.strictObject({}),                 { a: 1 }],
    ['has not the form that is needed here',        z.string().regex(/^a$/),            'b'],
    ['is our own',                                  z.string().regex(/^a$/, { error: 'is our own' }), 'b'],
    ['is our own',                                  z.string().refine(() => false, { error: 'is our own' }), 'b'],
    ['is not taken here',                           z.string().refine(() => false),     'b'],
  ])('%s', (words, schema, value) => {
    const { error } = schema.safeParse(value, { error: inOurWords });
    expect(error?.issues[0]?.message).toBe(words);
  });
});

type Schema = z.core.JSONSchema.JSONSchema;
type Path = readonly (string | number)[];

/** Every place that a contract knows, those that its example leaves out as well, and one it does not. */
function placesOf(schema: z.ZodType): Path[] {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const within = ({ $ref, ...inner }: Schema, at: Path): Path[] => {
    const named = $ref && document.$defs?.[$ref.replace('#/$defs/', '')];
    const { properties = {}, items } = named || inner;
    return [
      at,
      ...Object.entries(properties).flatMap(([name, of]) => within(of as Schema, [...at, name])),
      ...(items ? within(items as Schema, [...at, 0]) : []),
    ];
  };
  return [...within(document, []).slice(1), ['nobody-knows']];
}

/** A copy with another value at a place; undefined takes it out. */
function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : typeof key === 'number'
      ? []
      : { ...(value as object) };
  const members = copy as Record<string | number, unknown>;
  members[key] = changed(members[key], rest, to);
  return copy;
}

/** The errors of the problem that the value is, or none. */
async function faultsOf(contract: Parameters<typeof validate>[0], event: object): Promise<Fault[]> {
  const request = { event, internal: { exchange: {} } };
  try {
    await validate(contract).before?.(request as never);
    return [];
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return problem.options.extensions?.['errors'] as Fault[];
  }
}

const bad: readonly unknown[] = [
  ...[undefined, null, true, {}, [], [[]], [1, 1], { a: 1 }],
  ...[-1, 0, 1.5, 1e12, 1e300, -1e300],
  ...['', ' ', 'no', '\u0000', '\ud800', 'é'.repeat(5_000), '7', 'XQQ', '2030-02-30T00:00:00Z'],
];
const badTexts = bad.filter((value) => typeof value === 'string');

/** Zod's words, JavaScript's types and values, and patterns. */
const notOurs =
  /invalid|expected|received|pattern|regex|\bNaN\b|Infinity|undefined|\bint\b|too (big|small)|zod|\^|\\[a-z]|\[object|9007199254740991|e\+/i;

/** What stands in for words where a schema has a form of its own: it should bring its own message. */
const vague = /needed here|taken here|another type/;

const routes = Object.entries(contracts).map(([name, contract]) => ({
  name,
  contract: contract as RouteContract,
  example: contract.example as Example,
}));

describe('whatever is wrong with a request', () => {
  it.each(routes)(
    'to $name is said in our words, once for each place',
    async ({ contract, example }) => {
      const valid = {
        body: contract.body ? JSON.stringify(example.body) : null,
        pathParameters: example.path,
        queryStringParameters: example.query,
      };
      expect(await faultsOf(contract, valid)).toEqual([]);
      for (const part of ['body', 'path', 'query'] as const) {
        const { [part]: schema } = contract;
        if (!schema) continue;
        for (const place of placesOf(schema)) {
          const faults: Fault[][] = [];
          for (const value of part === 'body' ? bad : badTexts) {
            const wrong = changed(example[part] ?? {}, place, value);
            faults.push(await faultsOf(contract, { ...valid, ...sentAs[part](wrong) }));
          }
          expect([place, faults.flat().length]).not.toEqual([place, 0]);
          for (const { detail } of faults.flat()) {
            expect(detail).not.toMatch(notOurs);
            expect(detail).not.toMatch(vague);
          }
          for (const some of faults) expect(some).toEqual(onePerPlace(some));
        }
      }
    },
  );
});

const sentAs = {
  body: (body: unknown) => ({ body: JSON.stringify(body) }),
  path: (pathParameters: unknown) => ({ pathParameters }),
  query: (queryStringParameters: unknown) => ({ queryStringParameters }),
};

const onePerPlace = (faults: readonly Fault[]): Fault[] => [
  ...new Map(
    faults.map((fault) => [JSON.stringify({ ...fault, detail: undefined }), fault]),
  ).values(),
];
