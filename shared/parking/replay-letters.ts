/**
 * One step of a replay: some letters back into their queues.
 *
 * Each letter is taken (conditionally) before it is sent, and marked after. Whoever dies in between
 * leaves letters that are taken and not marked, and the step, run again, sends them again: their
 * consumers know them by the events' ids. So a step may run as often as it likes.
 */
import { callsOf, putOff } from '../queue/calls.ts';
import type { QueueMessage, QueueSender, Sent } from '../queue/queue.ts';
import type { ItemReader, ItemWriter } from '../state/store.ts';
import type { Letter } from './letter.ts';
import { letterAddress, letterWrite, readLetter } from './letter-items.ts';
import { type Claiming, claim, giveBack, markReplayed, type SkipReason } from './take-letter.ts';

/** Where a letter goes and as what; or that no queue can have it, and why. */
export type Outgoing =
  | { readonly queue: string; readonly message: Omit<QueueMessage, 'id' | 'delaySeconds'> }
  | { readonly refused: string };

export interface ReplayLettersOptions extends Omit<Claiming, 'nowMs'> {
  readonly store: ItemReader & ItemWriter;
  readonly queues: QueueSender;
  /** The role of the table. */
  readonly table: string;
  readonly outgoing: (letter: Letter) => Outgoing;
  /** The messages of a step are spread over time by their delays, so many to a second. From 1. */
  readonly ratePerSecond: number;
  readonly now?: () => number;
}

/** What became of a letter. */
export type Replayed =
  | { readonly id: string; readonly how: 'replayed' }
  | { readonly id: string; readonly how: 'skipped'; readonly because: SkipReason }
  | { readonly id: string; readonly how: 'failed'; readonly because: string };

/** Some letter's queue did not answer, or not now; `cause` is its error. The step is to be run again. */
export class ReplayInterruptedError extends Error {
  override name = 'ReplayInterruptedError';
}

const maxTries = 3;

/** @throws ReplayInterruptedError, and what the store throws */
export function replayLetters({
  store,
  queues,
  table,
  outgoing,
  ratePerSecond,
  now = Date.now,
  ...claiming
}: ReplayLettersOptions) {
  if (!Number.isFinite(ratePerSecond) || ratePerSecond < 1)
    throw new RangeError(`ratePerSecond must be a number from 1, got ${ratePerSecond}`);
  const { replayId } = claiming;

  const read = async (queue: string, id: string): Promise<Letter | undefined> =>
    readLetter(await store.read(letterAddress(table, queue, id)), now());

  /** Changes a letter to what `change` makes of it; undefined when that is nothing. */
  async function move(
    { queue, id }: Letter,
    change: (letter: Letter) => Letter | undefined,
  ): Promise<void> {
    for (let tries = 0; tries < maxTries; tries++) {
      const known = await read(queue, id);
      const next = known && change(known);
      if (!next) return;
      if ((await store.write(letterWrite(table, known, next))).applied) return;
    }
    throw new ReplayInterruptedError('a letter changed at every try');
  }

  async function take(queue: string, id: string): Promise<Replayed | { readonly letter: Letter }> {
    for (let tries = 0; tries < maxTries; tries++) {
      const known = await read(queue, id);
      if (!known) return { id, how: 'skipped', because: 'not-found' };
      const claimed = claim(known, { ...claiming, nowMs: now() });
      if (claimed.how === 'sent-before') return { id, how: 'replayed' };
      if (claimed.how === 'refused-before') return { id, how: 'failed', because: claimed.code };
      if (claimed.how === 'skipped') return { id, how: 'skipped', because: claimed.because };
      const { letter, standing } = claimed;
      if (standing || (await store.write(letterWrite(table, known, letter))).applied)
        return { letter };
    }
    return { id, how: 'skipped', because: 'contended' };
  }

  async function settle(letter: Letter, sent: Sent | undefined): Promise<Replayed | undefined> {
    const { id } = letter;
    if (sent?.sent) {
      await move(letter, (known) => markReplayed(known, replayId));
      return { id, how: 'replayed' };
    }
    if (!sent || sent.retriable) return undefined;
    return refuse(letter, sent.code);
  }

  async function refuse(letter: Letter, code: string): Promise<Replayed> {
    await move(letter, (known) => giveBack(known, replayId, code));
    return { id: letter.id, how: 'failed', because: code };
  }

  /** Sends and marks; the letters that may still go are left as they were taken. */
  async function sendCall(
    queue: string,
    call: readonly QueueMessage[],
    letterOf: ReadonlyMap<string, Letter>,
  ): Promise<readonly (Replayed | undefined)[]> {
    const sent = new Map((await queues.send(queue, call)).map((each) => [each.id, each]));
    return Promise.all(
      call.map(({ id }) => {
        const letter = letterOf.get(id);
        return letter && settle(letter, sent.get(id));
      }),
    );
  }

  return async (queue: string, ids: readonly string[]): Promise<readonly Replayed[]> => {
    const taken = await Promise.all(ids.map((id) => take(queue, id)));
    const letters = taken.flatMap((each) => ('letter' in each ? [each.letter] : []));
    const done = taken.flatMap((each) => ('letter' in each ? [] : [each]));
    const routed = letters.map((letter, index) => ({ letter, index, out: outgoing(letter) }));
    const refused = await Promise.all(
      routed.map(({ letter, out }) => ('refused' in out ? refuse(letter, out.refused) : undefined)),
    );
    const byQueue = Map.groupBy(
      routed.flatMap(({ letter, index, out }) =>
        'refused' in out ? [] : [{ letter, index, ...out }],
      ),
      (each) => each.queue,
    );
    const letterOf = new Map(letters.map((letter, index) => [`m${index}`, letter]));
    // All calls are made, whatever becomes of one of them: what is sent is then also marked.
    const calls = await Promise.allSettled(
      [...byQueue].flatMap(([to, sendable]) =>
        callsOf(sendable.map((each) => toMessage(each, ratePerSecond))).map((call) =>
          sendCall(to, call, letterOf),
        ),
      ),
    );
    const [broken] = calls.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    const sent = calls.flatMap((call) => (call.status === 'fulfilled' ? call.value : []));
    if (broken || sent.includes(undefined))
      throw new ReplayInterruptedError('not all letters are sent and marked', {
        ...(broken && { cause: broken.reason }),
      });
    return [...done, ...refused, ...sent].filter((each) => each !== undefined);
  };
}

interface Sendable {
  readonly index: number;
  readonly message: Omit<QueueMessage, 'id' | 'delaySeconds'>;
}

const toMessage = ({ message, index }: Sendable, ratePerSecond: number): QueueMessage =>
  putOff({ ...message, id: `m${index}` }, Math.floor(index / ratePerSecond));
