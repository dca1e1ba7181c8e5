/**
 * The ports in memory. It has DynamoDB's meaning where patterns depend on it, and can inject what no
 * local engine does: conflicts, throttling, lost answers and environments that freeze.
 */
import {
  type Address,
  addressText,
  applied,
  conditionOf,
  holds,
  type Item,
  type Write,
} from './items.ts';
import { LostAnswerError } from './memory-faults.ts';
import {
  type Committed,
  type ItemWriter,
  type Page,
  type Range,
  type RangeReader,
  type Refusal,
  type Transaction,
  TransactionInvalidError,
  type TransactionStore,
} from './store.ts';

export interface StoreCall {
  readonly verb: 'read' | 'write' | 'commit' | 'page';
  readonly at?: Address;
  readonly transaction?: Transaction;
}

/**
 * - `lose-request`: it never arrives; the caller hears a timeout.
 * - `lose-answer`: it is done; the caller hears a timeout.
 * - `conflict`, `throttle`: refused for the first write, nothing is done (commits only).
 */
export type Fault = 'lose-request' | 'lose-answer' | 'conflict' | 'throttle';

export interface MemoryStoreOptions {
  /** Asked before each call; may wait (a frozen environment) before it answers. */
  readonly faults?: (call: StoreCall) => Fault | undefined | Promise<Fault | undefined>;
  readonly now?: () => number;
}

export interface MemoryStore extends TransactionStore, ItemWriter, RangeReader {
  /** Every item of a table, for an auditor. */
  items(table: string): readonly Item[];
}

/** How long DynamoDB remembers a transaction's token. */
const tokenMemoryMs = 600_000;

export function memoryStore({ faults, now = Date.now }: MemoryStoreOptions = {}): MemoryStore {
  const items = new Map<string, { readonly table: string; readonly item: Item }>();
  const tokens = new Map<string, { readonly writes: string; readonly atMs: number }>();

  const find = (at: Address) => items.get(addressText(at))?.item;

  function apply(write: Write): void {
    const next = applied(write, find(write.at));
    const text = addressText(write.at);
    if (next) items.set(text, { table: write.at.table, item: next });
    else items.delete(text);
  }

  /** Runs `work` with the fault that the options ask for around it. */
  async function call<T>(call: StoreCall, work: (fault: Fault | undefined) => T): Promise<T> {
    const fault = await faults?.(call);
    if (fault === 'lose-request') throw new LostAnswerError(`${call.verb} was lost`);
    const answer = work(fault);
    if (fault === 'lose-answer') throw new LostAnswerError(`the answer to ${call.verb} was lost`);
    return answer;
  }

  function commit({ token, writes }: Transaction, fault: Fault | undefined): Committed {
    assertValid({ token, writes });
    if (fault === 'conflict' || fault === 'throttle') {
      const because = fault === 'conflict' ? 'conflict' : 'throttled';
      return {
        applied: false,
        refusals: writes.map((_, i) => ({ because: i ? 'none' : because })),
      };
    }
    const text = JSON.stringify(writes);
    const before = tokens.get(token);
    if (before && before.atMs > now() - tokenMemoryMs) {
      if (before.writes !== text)
        throw new TransactionInvalidError(`token ${token} was used for other writes`);
      return { applied: true };
    }
    const refusals = writes.map((write): Refusal => {
      const condition = conditionOf(write);
      const item = find(write.at);
      if (!condition || holds(condition, item)) return { because: 'none' };
      return item ? { because: 'condition', item } : { because: 'condition' };
    });
    if (refusals.some(({ because }) => because !== 'none')) return { applied: false, refusals };
    tokens.set(token, { writes: text, atMs: now() });
    writes.forEach(apply);
    return { applied: true };
  }

  return {
    read: (at) => call({ verb: 'read', at }, () => find(at)),
    write: (write, { returnItem = false } = {}) =>
      call({ verb: 'write', at: write.at }, () => {
        const condition = conditionOf(write);
        const item = find(write.at);
        if (condition && !holds(condition, item))
          return item ? { applied: false, item } : { applied: false };
        apply(write);
        const after = returnItem ? find(write.at) : undefined;
        return after ? { applied: true, item: after } : { applied: true };
      }),
    commit: (transaction) =>
      call({ verb: 'commit', transaction }, (fault) => commit(transaction, fault)),
    page: (range) => call({ verb: 'page' }, () => pageOf(range, [...items.values()])),
    items: (table) =>
      [...items.values()].filter((entry) => entry.table === table).map(({ item }) => item),
  };
}

function assertValid({ token, writes }: Transaction): void {
  if (token.length < 1 || token.length > 36)
    throw new TransactionInvalidError(`a token has 1 to 36 characters, got ${token.length}`);
  if (writes.length < 1 || writes.length > 100)
    throw new TransactionInvalidError(`a transaction has 1 to 100 writes, got ${writes.length}`);
  if (new Set(writes.map(({ at }) => addressText(at))).size < writes.length)
    throw new TransactionInvalidError('a transaction writes each item once');
}

/** An index is read as if its keys were the table's: its items are those that have them. */
function pageOf(
  { table, partition, sort, limit, after, descending = false }: Range,
  entries: readonly { readonly table: string; readonly item: Item }[],
): Page {
  const position = (item: Item) => String(item[sort.name] ?? '');
  const sorted = entries
    .filter((entry) => entry.table === table && entry.item[partition.name] === partition.value)
    .map(({ item }) => item)
    .filter((item) => sort.name in item && position(item).startsWith(sort.prefix ?? ''))
    .sort((a, b) => (position(a) < position(b) ? -1 : 1));
  if (descending) sorted.reverse();
  const isBefore = (item: Item, end: Item) =>
    descending ? position(item) >= position(end) : position(item) <= position(end);
  const from = after ? sorted.filter((item) => isBefore(item, after)).length : 0;
  const items = sorted.slice(from, from + limit);
  const last = items.at(-1);
  return last && from + limit < sorted.length ? { items, next: last } : { items };
}
