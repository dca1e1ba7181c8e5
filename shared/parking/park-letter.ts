/** A letter arrives: for the first time, again after a replay, or as a copy of what is known. */
import { type Arrival, type Letter, mostKept } from './letter.ts';

/**
 * `duplicate`: this letter stands already. `late`: it belongs to an earlier sending, and something was
 * decided about the letter since.
 */
export type Parked =
  | { readonly how: 'parked' | 'parked-again'; readonly letter: Letter }
  | { readonly how: 'duplicate' | 'late' };

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
