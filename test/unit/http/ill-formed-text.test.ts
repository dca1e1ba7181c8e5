/** Halves of surrogate pairs: JSON can write them, and no store takes them. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { illFormedTexts } from '#shared/http/ill-formed-text.ts';
import { edge, validBody, validEvent } from './edge.ts';

const half = '\ud800';
const whole = '\u{1f600}';
const detail = 'has half of a surrogate pair, which is no character';

const sent = async (event: Parameters<typeof validEvent>[0]) => {
  const { send, calls, faults } = edge();
  const answer = await send(await validEvent(event));
  return { status: answer.status, errors: answer.body.errors, calls, faults };
};

describe('half of a surrogate pair', () => {
  // biome-ignore format: a table, one body a row
  it.each<[string, string, string[]]>([
    ['in a value, escaped',           JSON.stringify({ ...validBody, address: half }),                  ['/address']],
    ['in a value, as it is',          `{"address":"${half}"}`,                                          ['/address', '/lines']],
    ['the other half',                JSON.stringify({ ...validBody, address: 'a\udc00b' }),            ['/address']],
    ['the two in the wrong order',    JSON.stringify({ ...validBody, address: '\udc00\ud800' }),        ['/address']],
    ['deep inside',                   JSON.stringify({ ...validBody, lines: [...validBody.lines, { itemId: half, quantity: 1 }] }), ['/lines/1/itemId']],
    ['in a name',                     JSON.stringify({ ...validBody, [`x${half}`]: 1 }),                ['/x\ufffd']],
    ['as the whole body',             JSON.stringify(half),                                             ['']],
  ])('%s is refused where it stands', async (_, body, pointers) => {
    const { status, errors, calls, faults } = await sent({ body });
    expect([status, calls, faults]).toEqual([400, [], []]);
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
    expect(errors).toContainEqual({ pointer: pointers[0], detail });
  });

  it.each<[string, Parameters<typeof validEvent>[0], string]>([
    ['the query', { queryStringParameters: { limit: half } }, 'limit'],
    ['the path', { pathParameters: { id: half } }, 'id'],
    ['the name of a parameter', { queryStringParameters: { [half]: '1' } }, '\ufffd'],
  ])('in %s is refused', async (_, event, parameter) => {
    expect(await sent(event)).toMatchObject({
      status: 400,
      errors: [{ parameter, detail }],
      faults: [],
    });
  });

  it('is refused even where the contract takes anything', async () => {
    const { send, calls } = edge({ contract: { body: z.unknown() } });
    const answer = await send(await validEvent({ body: JSON.stringify({ a: [half] }) }));
    expect([answer.status, answer.body.errors]).toEqual([400, [{ pointer: '/a/0', detail }]]);
    expect(calls).toEqual([]);
  });

  it('is nothing that a whole pair has', async () => {
    expect(await sent({ body: JSON.stringify({ ...validBody, address: whole }) })).toMatchObject({
      status: 201,
    });
  });

  it('is not made by cutting a long name in the middle of a pair', async () => {
    const { errors } = await sent({
      body: JSON.stringify({ ...validBody, [`${'y'.repeat(99)}${whole}`]: 1 }),
    });
    expect(errors).toEqual([{ pointer: `/${'y'.repeat(99)}\ufffd…`, detail: 'is not known here' }]);
  });
});

describe('a search for ill-formed text', () => {
  it('goes in the order of the document, and ends at the most that is wanted', () => {
    const document = { a: [half, { [half]: half }], b: half, c: whole, d: null, e: 1 };
    expect(illFormedTexts(document, 20)).toEqual([['a', 0], ['a', 1, half], ['b']]);
    expect(illFormedTexts(document, 2)).toEqual([
      ['a', 0],
      ['a', 1, half],
    ]);
  });

  it('goes as deep as a body can, and names what is too deep by what it lies in', () => {
    const deep = JSON.parse(`${'['.repeat(1e5)}"\\ud800"${']'.repeat(1e5)}`);
    expect(illFormedTexts(deep, 20)).toEqual([Array(20).fill(0)]);
  });
});
