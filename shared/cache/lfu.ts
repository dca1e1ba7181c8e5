/**
 * Least frequently used, every step in constant time: keys lie in groups by their number of uses,
 * and in a group in the order in which they came to it.
 *
 * @see http://dhruvbird.com/lfu.pdf (Shah, Mitra, Matani: An O(1) algorithm for LFU)
 */
import type { Entries } from './entries.ts';

interface Place<V> {
  value: V;
  uses: number;
}

export function lfuEntries<V extends object>(maxEntries: number): Entries<V> {
  const places = new Map<string, Place<V>>();
  const groups = new Map<number, Set<string>>();
  /** Right whenever all places are taken: the last of them was taken by a new key, which had one use. */
  let fewest = 1;

  function join(uses: number, key: string): void {
    const group = groups.get(uses);
    if (group) group.add(key);
    else groups.set(uses, new Set([key]));
  }

  /** @returns whether nobody is left in the group. */
  function leave(uses: number, key: string): boolean {
    const group = groups.get(uses);
    group?.delete(key);
    if (group?.size) return false;
    return groups.delete(uses);
  }

  function putOneOut(): void {
    const [key] = groups.get(fewest) ?? [];
    if (key === undefined) throw new Error('a full cache with nobody in its lowest group');
    leave(fewest, key);
    places.delete(key);
  }

  return {
    get(key) {
      const place = places.get(key);
      if (!place) return undefined;
      if (leave(place.uses, key) && place.uses === fewest) fewest += 1;
      place.uses += 1;
      join(place.uses, key);
      return place.value;
    },
    peek: (key) => places.get(key)?.value,
    set(key, value) {
      const place = places.get(key);
      if (place) {
        place.value = value;
        return;
      }
      if (places.size === maxEntries) putOneOut();
      places.set(key, { value, uses: 1 });
      join(1, key);
      fewest = 1;
    },
    delete(key) {
      const place = places.get(key);
      if (!place) return;
      leave(place.uses, key);
      places.delete(key);
    },
    get size() {
      return places.size;
    },
  };
}
