/** A letter is put away: its effect is not wanted, or was had by other means. */
import type { Letter } from './letter.ts';
import { isHeld } from './take-letter.ts';

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
