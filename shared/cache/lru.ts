import { LRUCache } from 'lru-cache';
import type { Entries } from './entries.ts';

/** Of the package it only has the order: how long a value holds is decided in one place for all. */
export function lruEntries<V extends object>(maxEntries: number): Entries<V> {
  const entries = new LRUCache<string, V>({ max: maxEntries });
  return {
    get: (key) => entries.get(key),
    peek: (key) => entries.peek(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
    get size() {
      return entries.size;
    },
  };
}
