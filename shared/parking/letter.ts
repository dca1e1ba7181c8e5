/**
 * A parked dead letter and what may become of it:
 *
 *   parked → replaying → replayed       and from the last two parked again, when the replay failed
 *   parked → discarded
 *
 * Every change is a function of the letter as it was read; stores apply it only to that version.
 * `replays` counts how often the letter was taken for a replay, and travels with each message that
 * is sent for it. So a letter that arrives says which of its sendings failed, and one of an earlier
 * sending than the last cannot undo what was done about it since.
 */

import type { Item } from '../state/items.ts';

export const letterStates = ['parked', 'replaying', 'replayed', 'discarded'] as const;

export type LetterState = (typeof letterStates)[number];

/** What is known of the event in a letter. */
export interface LetterEvent {
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  readonly occurredAtMs: number;
}

/** One time that a message was given up. */
export interface Parking {
  /** The queue's own name for the message. */
  readonly messageId: string;
  readonly cause: string;
  readonly parkedAtMs: number;
  /** The replay that took the letter after it: of its sending came the next parking. */
  readonly replayId?: string;
}

export interface Letter {
  readonly queue: string;
  /** The event's id, or the message's where no event can be read. */
  readonly id: string;
  readonly state: LetterState;
  /** Grows with each change. */
  readonly version: number;
  readonly cause: string;
  readonly error?: string;
  readonly attempt?: number;
  readonly messageId: string;
  readonly traceparent?: string;
  /** Absent where no event can be read. */
  readonly event?: LetterEvent;
  /** The message as it was first given up, and as it is replayed. Absent for what never was a message. */
  readonly body?: string;
  /** What the last sending had in place of `body`, where it failed. Absent too where no item holds both. */
  readonly edited?: string;
  /** The outbox item of an event that came to no queue. */
  readonly stored?: Item;
  readonly parkedAtMs: number;
  readonly firstParkedAtMs: number;
  /** Times that it was parked, this one included. */
  readonly parkings: number;
  /** Times that it was taken for a replay. */
  readonly replays: number;
  /** The last replay that took it; `refused` is why its queue would not have it. */
  readonly replay?: { readonly id: string; readonly atMs: number; readonly refused?: string };
  /** The replays before that one, the latest ones. */
  readonly earlierReplays: readonly string[];
  readonly discarded?: { readonly by: string; readonly reason: string; readonly atMs: number };
  /** Earlier parkings, the latest ones. */
  readonly history: readonly Parking[];
  readonly expiresAtMs: number;
}

/** A letter as it comes out of a dead-letter queue. */
export type Arrival = Pick<
  Letter,
  | 'queue'
  | 'id'
  | 'cause'
  | 'error'
  | 'attempt'
  | 'messageId'
  | 'traceparent'
  | 'event'
  | 'body'
  | 'replays'
>;

/**
 * `duplicate`: this letter stands already. `late`: it belongs to an earlier sending, and something was
 * decided about the letter since.
 */
export type Parked =
  | { readonly how: 'parked' | 'parked-again'; readonly letter: Letter }
  | { readonly how: 'duplicate' | 'late' };

/** Of what went before. */
const mostKept = 10;

const nothingBefore = { earlierReplays: [], history: [] } as const;

export function park(
  known: Letter | undefined,
  arrival: Arrival,
  { nowMs, retainMs }: { readonly nowMs: number; readonly retainMs: number },
): Parked {
  const fresh = {
    ...arrival,
    state: 'parked',
    parkedAtMs: nowMs,
    expiresAtMs: nowMs + retainMs,
  } as const;
  if (!known) {
    const letter = { ...fresh, version: 1, firstParkedAtMs: nowMs, parkings: 1, ...nothingBefore };
    return { how: 'parked', letter };
  }
  if (arrival.replays < known.replays) return { how: 'late' };
  if (arrival.replays === known.replays) {
    if (known.state === 'parked') return { how: 'duplicate' };
    if (known.state === 'discarded') return { how: 'late' };
  }
  const { messageId, cause, parkedAtMs, replay, earlierReplays } = known;
  const before = { messageId, cause, parkedAtMs, ...(replay && { replayId: replay.id }) };
  return {
    how: 'parked-again',
    letter: {
      ...fresh,
      ...asFirstGivenUp(known, arrival),
      version: known.version + 1,
      firstParkedAtMs: known.firstParkedAtMs,
      parkings: known.parkings + 1,
      ...(replay && { replay }),
      earlierReplays,
      history: [...known.history, before].slice(-mostKept),
    },
  };
}

/** An edit is for the one replay that was asked for with it: when it fails, it replaces nothing. */
function asFirstGivenUp(
  known: Letter,
  { body: sent, event: sentEvent }: Arrival,
): Pick<Letter, 'body' | 'edited' | 'event'> {
  const body = known.body ?? sent;
  const event = known.event ?? sentEvent;
  return {
    ...(body !== undefined && { body }),
    ...(sent !== undefined && sent !== body && { edited: sent }),
    ...(event && { event }),
  };
}

/**
 * A replay that took a letter and says nothing for so long is dead: others may have the letter.
 * Longer than a step of a replay is tried.
 */
const claimMs = 3_600_000;

export interface Claiming {
  readonly replayId: string;
  readonly nowMs: number;
  /** Consumers refuse an event from this age on. */
  readonly tooOldMs: number;
}

export type Claim =
  /** To be sent. `letter` is to be written first, unless it stands as it is. */
  | { readonly how: 'send'; readonly letter: Letter; readonly standing: boolean }
  /** This replay has had it. */
  | { readonly how: 'sent-before' }
  | { readonly how: 'refused-before'; readonly code: string }
  | { readonly how: 'skipped'; readonly because: SkipReason };

export type SkipReason =
  | 'older-than-inbox'
  | 'in-other-replay'
  | 'replayed'
  | 'discarded'
  | 'not-found'
  | 'contended';

/** Takes a letter for a replay: each replay has a letter once, however often it runs. */
export function claim(letter: Letter, { replayId, nowMs, tooOldMs }: Claiming): Claim {
  const { state, replay, event } = letter;
  if (replay?.id === replayId) {
    if (state === 'replaying') return { how: 'send', letter, standing: true };
    if (replay.refused !== undefined) return { how: 'refused-before', code: replay.refused };
    if (state !== 'discarded') return { how: 'sent-before' };
  }
  if (letter.earlierReplays.includes(replayId)) return { how: 'sent-before' };
  if (state === 'replayed' || state === 'discarded') return { how: 'skipped', because: state };
  if (isHeld(letter, nowMs)) return { how: 'skipped', because: 'in-other-replay' };
  if (event && nowMs - event.occurredAtMs > tooOldMs)
    return { how: 'skipped', because: 'older-than-inbox' };
  const taken = {
    ...letter,
    state: 'replaying',
    version: letter.version + 1,
    replays: letter.replays + 1,
    replay: { id: replayId, atMs: nowMs },
    earlierReplays: [...letter.earlierReplays, ...(replay ? [replay.id] : [])].slice(-mostKept),
  } as const;
  return { how: 'send', letter: taken, standing: false };
}

const isHeld = ({ state, replay }: Letter, nowMs: number): boolean =>
  state === 'replaying' && replay !== undefined && nowMs - replay.atMs < claimMs;

/**
 * Its message is in its queue. Undefined when the letter is no longer this replay's: the message
 * has failed already and is parked again, or others took over.
 */
export const markReplayed = (letter: Letter, replayId: string): Letter | undefined =>
  letter.state === 'replaying' && letter.replay?.id === replayId
    ? { ...letter, state: 'replayed', version: letter.version + 1 }
    : undefined;

/** Its queue refused it for good, so it waits for somebody again. Undefined as for `markReplayed`. */
export const giveBack = (letter: Letter, replayId: string, code: string): Letter | undefined =>
  letter.state === 'replaying' && letter.replay?.id === replayId
    ? {
        ...letter,
        state: 'parked',
        version: letter.version + 1,
        replay: { ...letter.replay, refused: code },
      }
    : undefined;

export type Discard =
  | { readonly how: 'discarded'; readonly letter: Letter }
  /** It was before, with its reason of then. */
  | { readonly how: 'unchanged'; readonly letter: Letter }
  | { readonly how: 'refused'; readonly because: 'replaying' | 'replayed' };

export function discard(
  letter: Letter,
  { by, reason, nowMs }: { readonly by: string; readonly reason: string; readonly nowMs: number },
): Discard {
  if (letter.state === 'discarded') return { how: 'unchanged', letter };
  if (letter.state === 'replayed') return { how: 'refused', because: 'replayed' };
  if (isHeld(letter, nowMs)) return { how: 'refused', because: 'replaying' };
  return {
    how: 'discarded',
    letter: {
      ...letter,
      state: 'discarded',
      version: letter.version + 1,
      discarded: { by, reason, atMs: nowMs },
    },
  };
}
