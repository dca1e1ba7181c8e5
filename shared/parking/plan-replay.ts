/** What a replay would do, told before anything is done. */
import type { ItemReader, RangeReader } from '../state/store.ts';
import type { Letter } from './letter.ts';
import { letterNamed, pageOfLetters } from './letters.ts';
import { afterLetters, nothingYet, type Progress, type Wanted } from './replay.ts';
import type { Replayed } from './replay-letters.ts';
import { type Claiming, claim } from './take-letter.ts';

export interface PlanOptions extends Claiming {
  readonly store: ItemReader & RangeReader;
  /** The role of the table. */
  readonly table: string;
  readonly queue: string;
  readonly wanted: Wanted;
  /** Most letters counted. From 1. */
  readonly mostRead: number;
  /** Whether there is time to count on. */
  readonly hasTime?: () => boolean;
}

export interface ReplayPlan {
  readonly letters: readonly Replayed[];
  /** As it would end, were all sent. */
  readonly progress: Progress;
  /** There are more letters than were read. */
  readonly truncated: boolean;
}

/** The letters that a replay takes; it may find those in another replay's hand free by then. */
export const openStates = ['parked', 'replaying'] as const;

export async function planReplay({ wanted, ...options }: PlanOptions): Promise<ReplayPlan> {
  const { letters, truncated } =
    'ids' in wanted ? await planNamed(wanted.ids, options) : await planAll(wanted, options);
  return { letters, progress: afterLetters(nothingYet, letters), truncated };
}

type Planning = Omit<PlanOptions, 'wanted'>;

async function planNamed(ids: readonly string[], options: Planning) {
  const letters = await Promise.all(
    ids.map(async (id) =>
      planned(id, await letterNamed(options.store, { ...options, id }), options),
    ),
  );
  return { letters, truncated: false };
}

async function planAll({ filter }: Extract<Wanted, { filter: object }>, options: Planning) {
  const { letters, next } = await pageOfLetters({
    ...options,
    filter: { ...filter, states: openStates },
    limit: options.mostRead,
  });
  return {
    letters: letters.map((letter) => planned(letter.id, letter, options)),
    truncated: next !== undefined,
  };
}

function planned(id: string, letter: Letter | undefined, claiming: Claiming): Replayed {
  if (!letter) return { id, how: 'skipped', because: 'not-found' };
  const claimed = claim(letter, claiming);
  return claimed.how === 'skipped'
    ? { id, how: 'skipped', because: claimed.because }
    : { id, how: 'replayed' };
}
