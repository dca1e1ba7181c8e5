/**
 * Text that is no Unicode: JSON can write half of a surrogate pair (`"\ud800"`), JavaScript can hold
 * it, and no UTF-8 can, so neither a store nor a key takes it.
 */
import type { Path } from './validation-faults.ts';

/** Contracts are not as deep as this. A deeper place is named by what it lies in. */
const deepest = 20;

interface Place {
  readonly value: unknown;
  readonly key?: PropertyKey;
  readonly within?: Place;
}

/**
 * Where such text is, as a value or as a member's name, in the order of the document and no more
 * than `most` places. It walks without recursion: callers nest as deep as a body has bytes.
 */
export function illFormedTexts(document: unknown, most: number): readonly Path[] {
  const found: Path[] = [];
  const left: Place[] = [{ value: document }];
  while (left.length > 0 && found.length < most) {
    const place = left.pop() as Place;
    if (isIllFormed(place.key) || isIllFormed(place.value)) found.push(pathOf(place));
    for (const [key, value] of membersOf(place.value).reverse())
      left.push({ value, key, within: place });
  }
  return found;
}

const isIllFormed = (value: unknown): boolean => typeof value === 'string' && !value.isWellFormed();

function membersOf(value: unknown): [PropertyKey, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return value !== null && typeof value === 'object' ? Object.entries(value) : [];
}

function pathOf(place: Place): Path {
  const path: PropertyKey[] = [];
  for (let at: Place | undefined = place; at?.key !== undefined; at = at.within) path.push(at.key);
  return path.reverse().slice(0, deepest);
}
