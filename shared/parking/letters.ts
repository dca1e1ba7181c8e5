/** Parked letters as an operator looks for them. Reading is bounded, and says where it stopped. */
import type { Item } from '../state/items.ts';
import type { ItemReader, RangeReader } from '../state/store.ts';
import type { Letter, LetterState } from './letter.ts';
import { causePrefix, causesIndex, letterAddress, readLetter } from './letter-items.ts';

/** All that is given must fit. Times are those of the last parking, in milliseconds. */
export interface LetterFilter {
  readonly cause?: string | undefined;
  readonly tenant?: string | undefined;
  readonly fromMs?: number | undefined;
  /** Up to but not including. */
  readonly toMs?: number | undefined;
  readonly states?: readonly LetterState[] | undefined;
  /** Letters that this replay took fit in whatever state they are. */
  readonly orTakenBy?: string | undefined;
}

export const fits = (
  letter: Letter,
  { cause, tenant, fromMs, toMs, states, orTakenBy }: LetterFilter,
) =>
  (cause === undefined || letter.cause === cause) &&
  (tenant === undefined || letter.event?.tenant === tenant) &&
  (fromMs === undefined || letter.parkedAtMs >= fromMs) &&
  (toMs === undefined || letter.parkedAtMs < toMs) &&
  (states === undefined ||
    states.includes(letter.state) ||
    (orTakenBy !== undefined && letter.replay?.id === orTakenBy));

export interface LetterQuery {
  readonly store: RangeReader;
  readonly table: string;
  readonly queue: string;
  readonly filter?: LetterFilter;
  /** Most letters of one page. From 1. */
  readonly limit: number;
  /** Most items read for it, whatever they are. From 1. */
  readonly mostRead: number;
  /** `next` of the page before. */
  readonly after?: Item | undefined;
  /** Whether there is time for one more step of the reading; asked before each but the first. */
  readonly hasTime?: () => boolean;
  readonly nowMs: number;
}

export interface LetterPage {
  /** Without their bodies. */
  readonly letters: readonly Letter[];
  /** Present when there may be more: also on a page with fewer letters than asked for, or none. */
  readonly next?: Item;
}

/** Of one query: few letters may be far apart, and asking for the rest alone would take as many queries. */
const leastRead = 100;

/** By cause, and within by time: what belongs together stands together. */
export async function pageOfLetters({
  store,
  table,
  queue,
  filter = {},
  limit,
  mostRead,
  after,
  hasTime = () => true,
  nowMs,
}: LetterQuery): Promise<LetterPage> {
  const letters: Letter[] = [];
  let position = after;
  let left = mostRead;
  do {
    const { items, next } = await store.page({
      table,
      index: causesIndex,
      partition: { name: 'pk', value: queue },
      sort: {
        name: 'causeSk',
        ...(filter.cause !== undefined && { prefix: causePrefix(filter.cause) }),
      },
      limit: Math.min(left, Math.max(leastRead, limit - letters.length)),
      ...(position && { after: position }),
    });
    for (const [index, item] of items.entries()) {
      const letter = readLetter(item, nowMs);
      if (!letter || !fits(letter, filter)) continue;
      letters.push(withoutBody(letter));
      const more = next !== undefined || index < items.length - 1;
      if (letters.length === limit) return more ? { letters, next: keysOf(item) } : { letters };
    }
    position = next && keysOf(next);
    left -= Math.max(items.length, 1);
  } while (position && left > 0 && hasTime());
  return position ? { letters, next: position } : { letters };
}

export const withoutBody = ({ body: _, edited: __, stored: ___, ...letter }: Letter): Letter =>
  letter;

/** A position is keys alone: it travels in cursors. */
const keysOf = ({ pk = '', sk = '', causeSk = '' }: Item): Item => ({ pk, sk, causeSk });

export interface CauseSummary {
  readonly cause: string;
  readonly count: number;
  readonly oldestParkedAtMs: number;
  /** Of the oldest. */
  readonly sampleId: string;
}

export interface QueueSummary {
  readonly causes: readonly CauseSummary[];
  /** There are letters that were not read, so the counts are lower bounds. */
  readonly truncated: boolean;
}

/** What waits for somebody in one queue, by cause, most first. */
export async function summarizeQueue(query: Omit<LetterQuery, 'limit'>): Promise<QueueSummary> {
  const { letters, next } = await pageOfLetters({
    ...query,
    filter: { ...query.filter, states: ['parked'] },
    limit: query.mostRead,
  });
  const causes = [...Map.groupBy(letters, ({ cause }) => cause)].map(([cause, alike]) => {
    const oldest = alike.reduce((a, b) => (b.parkedAtMs < a.parkedAtMs ? b : a));
    const { parkedAtMs: oldestParkedAtMs, id: sampleId } = oldest;
    return { cause, count: alike.length, oldestParkedAtMs, sampleId };
  });
  return { causes: causes.toSorted((a, b) => b.count - a.count), truncated: next !== undefined };
}

/** One letter with its body, as it stands. */
export const letterNamed = async (
  store: ItemReader,
  {
    table,
    queue,
    id,
    nowMs,
  }: {
    readonly table: string;
    readonly queue: string;
    readonly id: string;
    readonly nowMs: number;
  },
): Promise<Letter | undefined> =>
  readLetter(await store.read(letterAddress(table, queue, id)), nowMs);
