/**
 * Items, conditions and writes as values. A pattern says what it wants of a
 * store in these words; `holds` and `applied` say what they mean, and every
 * store is tested against these two functions (test/contract).
 */

export type Scalar = string | number | boolean | null;
export type Value = Scalar | readonly Value[] | { readonly [name: string]: Value };

/** An item's attributes, its key among them. */
export type Item = Readonly<Record<string, Value>>;

/** Where an item lives: the role of its table (`domain`, `state`, …) and its whole primary key. */
export interface Address {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
}

/** `atLeast` is the first number that compares, `below` the first that does not any more. */
export type Comparison =
  | { readonly equals: Scalar }
  | { readonly atLeast: number; readonly below?: number }
  | { readonly below: number };

/** By the name of the attribute. A missing attribute never compares. */
export type Comparisons = Readonly<Record<string, Comparison>>;

/**
 * - `absent`: there is no item.
 * - `lapsedAtMs`: there is no item, or its `expiresAtMs` is at or before that instant. A store
 *   deletes lapsed items whenever it likes, so absence alone would mean something else each time.
 * - `where`: there is an item, and each attribute named compares.
 * - `absentOr`: there is no item, or each attribute named compares.
 */
export type Condition =
  | { readonly absent: true }
  | { readonly lapsedAtMs: number }
  | { readonly where: Comparisons }
  | { readonly absentOr: Comparisons };

/**
 * One write of one item, all or nothing with its condition.
 *
 * `update` changes the attributes it names and leaves the rest: `set` replaces, `add` adds to a
 * number (absent counts as 0). Without a condition it creates the item if there is none.
 */
export type Write =
  | { readonly put: Item; readonly at: Address; readonly when?: Condition }
  | {
      readonly set?: Item;
      readonly add?: Readonly<Record<string, number>>;
      readonly at: Address;
      readonly when?: Condition;
    }
  | { readonly remove: true; readonly at: Address; readonly when?: Condition }
  | { readonly check: Condition; readonly at: Address };

/** The condition a write stands under, or undefined when it is unconditional. */
export const conditionOf = (write: Write): Condition | undefined =>
  'check' in write ? write.check : write.when;

/** Whether a condition holds for the item as it stands (undefined: there is none). */
export function holds(condition: Condition, item: Item | undefined): boolean {
  if ('absent' in condition) return item === undefined;
  if ('lapsedAtMs' in condition)
    return item === undefined || Number(item['expiresAtMs']) <= condition.lapsedAtMs;
  if (item === undefined) return 'absentOr' in condition;
  const comparisons = 'absentOr' in condition ? condition.absentOr : condition.where;
  return Object.entries(comparisons).every(([name, wanted]) => compares(item[name], wanted));
}

function compares(value: Value | undefined, wanted: Comparison): boolean {
  if ('equals' in wanted) return value === wanted.equals;
  if (typeof value !== 'number') return false;
  const { atLeast = -Infinity, below = Infinity } = rangeOf(wanted);
  return value >= atLeast && value < below;
}

type NumberRange = { readonly atLeast?: number; readonly below?: number };

export const rangeOf = (wanted: Exclude<Comparison, { equals: Scalar }>): NumberRange => wanted;

/** The item as it stands after a write whose condition held (undefined: none). */
export function applied(write: Write, item: Item | undefined): Item | undefined {
  if ('check' in write) return item;
  if ('remove' in write) return undefined;
  if ('put' in write) return { ...write.put, ...write.at.key };
  const sums = Object.entries(write.add ?? {}).map(
    ([name, by]) => [name, Number(item?.[name] ?? 0) + by] as const,
  );
  return { ...item, ...write.set, ...Object.fromEntries(sums), ...write.at.key };
}

/** One text for one address, whatever characters its key holds. */
export const addressText = ({ table, key }: Address): string =>
  JSON.stringify([table, ...Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The DynamoDB `ttl` attribute for an item that lapses then: whole seconds, never early. */
export const toTtl = (expiresAtMs: number): number => Math.ceil(expiresAtMs / 1000);
