/** A letter is taken for a replay, and then sent, or given back. */
import { type Letter, mostKept } from './letter.ts';

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

export const isHeld = ({ state, replay }: Letter, nowMs: number): boolean =>
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
