import { describe, expect, it } from 'vitest';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { wholeNumber } from '#functions/whole-number.ts';

const schema = wholeNumber({ most: 100 });

describe('a whole number in the query', () => {
  it.each(['1', '9', '10', '100'])('is %s', (text) => {
    expect(schema.parse(text)).toBe(Number(text));
  });

  // biome-ignore format: a table
  it.each([
    '', ' ', '0', '00', '05', '101', '-1', '+5', ' 5', '5 ', '5\n', '1.0', '1e2', '1E1', '0x10',
    '0b1', '1_0', '1,0', '٥', '５', 'Infinity', 'NaN', 'null', '9'.repeat(400),
  ])('is not %j', (text) => {
    expect(schema.safeParse(text).success).toBe(false);
  });

  const lists = Object.entries<RouteContract>(contracts).flatMap(([name, { query, example }]) =>
    query && example.query && 'limit' in example.query ? [{ name, query, of: example.query }] : [],
  );

  it('is the page size of every list', () => {
    expect(lists.map(({ name }) => name)).toEqual([
      'list-orders',
      'list-dead-letters',
      'list-violations',
    ]);
  });

  it.each(lists)('is alone taken by $name', ({ query, of }) => {
    for (const limit of ['0x10', '1e2', ' 5', '+5', '0', '101'])
      expect([limit, query.safeParse({ ...of, limit }).success]).toEqual([limit, false]);
    expect(query.safeParse({ ...of, limit: '100' }).success).toBe(true);
  });
});
