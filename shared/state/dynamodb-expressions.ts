/** Conditions and writes in DynamoDB's words. What they mean stands in items.ts. */
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  type Address,
  type Comparison,
  type Comparisons,
  type Condition,
  type Item,
  rangeOf,
  type Scalar,
  type Write,
} from './items.ts';

/** Collects the placeholders of one request. */
function placeholders() {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  return {
    name(attribute: string): string {
      const known = Object.entries(names).find(([, name]) => name === attribute);
      if (known) return known[0];
      const placeholder = `#n${Object.keys(names).length}`;
      names[placeholder] = attribute;
      return placeholder;
    },
    value(value: unknown): string {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    },
    attributes: () => ({
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: marshall(values) }),
    }),
  };
}

type Placeholders = ReturnType<typeof placeholders>;

function toExpression(condition: Condition, at: Address, { name, value }: Placeholders): string {
  const key = name(Object.keys(at.key)[0] ?? 'pk');
  if ('absent' in condition) return `attribute_not_exists(${key})`;
  if ('lapsedAtMs' in condition)
    return `attribute_not_exists(${key}) OR ${name('expiresAtMs')} <= ${value(condition.lapsedAtMs)}`;
  const comparisons = (of: Comparisons) =>
    Object.entries(of).flatMap(([attribute, wanted]) =>
      operandsOf(wanted).map(
        ([operator, operand]) => `${name(attribute)} ${operator} ${value(operand)}`,
      ),
    );
  const present = (of: Comparisons) =>
    [`attribute_exists(${key})`, ...comparisons(of)].join(' AND ');
  return 'absentOr' in condition
    ? `attribute_not_exists(${key}) OR ${present(condition.absentOr)}`
    : present(condition.where);
}

function operandsOf(wanted: Comparison): readonly (readonly [string, Scalar])[] {
  if ('equals' in wanted) return [['=', wanted.equals]];
  const { atLeast, below } = rangeOf(wanted);
  return [
    ...(atLeast === undefined ? [] : [['>=', atLeast] as const]),
    ...(below === undefined ? [] : [['<', below] as const]),
  ];
}

export const toKey = (at: Address): Record<string, AttributeValue> => marshall(at.key);

const toItem = (item: Item, at: Address): Record<string, AttributeValue> =>
  marshall({ ...item, ...at.key }, { removeUndefinedValues: true });

/** One member of a transaction; `table` is the physical name. */
export function toTransactItem(write: Write, table: string): TransactWriteItem {
  const words = placeholders();
  const condition = 'check' in write ? write.check : write.when;
  const change =
    'check' in write || 'put' in write || 'remove' in write ? '' : toUpdate(write, words);
  const request = {
    TableName: table,
    ...(condition && {
      ConditionExpression: toExpression(condition, write.at, words),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }),
    ...words.attributes(),
  };
  if ('put' in write) return { Put: { ...request, Item: toItem(write.put, write.at) } };
  const keyed = { ...request, Key: toKey(write.at) };
  if ('check' in write)
    return { ConditionCheck: { ...keyed, ConditionExpression: request.ConditionExpression ?? '' } };
  if ('remove' in write) return { Delete: keyed };
  return { Update: { ...keyed, UpdateExpression: change } };
}

function toUpdate(
  { set = {}, add = {} }: Extract<Write, { add?: unknown }>,
  { name, value }: Placeholders,
): string {
  const sets = Object.entries(set).map(([key, to]) => `${name(key)} = ${value(to)}`);
  const adds = Object.entries(add).map(([key, by]) => `${name(key)} ${value(by)}`);
  return [sets.length && `SET ${sets.join(', ')}`, adds.length && `ADD ${adds.join(', ')}`]
    .filter(Boolean)
    .join(' ');
}
