/** Moves dead letters to where people find them: each once, however often it arrives. */
import type { ItemReader, ItemWriter } from '../state/store.ts';
import type { Arrival, Letter } from './letter.ts';
import { letterAddress, letterWrite, maxBodyBytes, readLetter } from './letter-items.ts';
import { type Parked, park } from './park-letter.ts';

export interface ParkerOptions {
  readonly store: ItemReader & ItemWriter;
  /** The role of the table. */
  readonly table: string;
  /** How long a letter is kept from its last parking on, in whole milliseconds. */
  readonly retainMs: number;
  readonly now?: () => number;
}

/**
 * @throws LetterTooLargeError for a letter that no item can hold: it must stay in its queue.
 * @throws ParkingContendedError when others changed the letter at every try, and the store's errors.
 *   The letter may or may not be parked then; it must stay in its queue, and may arrive again.
 */
export type Parker = (arrival: Arrival) => Promise<Parked['how']>;

export class LetterTooLargeError extends Error {
  override name = 'LetterTooLargeError';
}

export class ParkingContendedError extends Error {
  override name = 'ParkingContendedError';
}

/** Whoever loses a race knows more at the next try, and a letter has few states to race for. */
const maxTries = 5;

/**
 * @example
 * const park = parker({ store, table: 'parked', retainMs: 30 * dayMs });
 * await park({ queue: 'orders', id: eventId, messageId, body, cause: 'order-missing', replays: 0 });
 */
export function parker({ store, table, retainMs, now = Date.now }: ParkerOptions): Parker {
  if (!Number.isSafeInteger(retainMs) || retainMs < 1)
    throw new RangeError(`retainMs must be a whole number from 1, got ${retainMs}`);

  return async (arrival) => {
    if (bytesOf(arrival.body) > maxBodyBytes)
      throw new LetterTooLargeError(`a letter has at most ${maxBodyBytes} bytes`);
    const at = letterAddress(table, arrival.queue, arrival.id);
    for (let tries = 0; tries < maxTries; tries++) {
      const nowMs = now();
      const known = readLetter(await store.read(at), nowMs);
      const parked = park(known, arrival, { nowMs, retainMs });
      if (!('letter' in parked)) return parked.how;
      const { applied } = await store.write(letterWrite(table, known, storable(parked.letter)));
      if (applied) return parked.how;
    }
    throw new ParkingContendedError(`others changed the letter ${maxTries} times`);
  };
}

const bytesOf = (text = ''): number => Buffer.byteLength(text);

/** Without the edit where one item cannot hold both bodies: its author can make it again. */
function storable({ edited, ...letter }: Letter): Letter {
  const fits = bytesOf(letter.body) + bytesOf(edited) <= maxBodyBytes;
  return edited !== undefined && fits ? { ...letter, edited } : letter;
}
