/** What an environment remembers by key, in bounded memory. */
export interface BoundedMap<V> {
  get(key: string): V | undefined;
  /** Makes the key the youngest. */
  set(key: string, value: V): void;
  delete(key: string): void;
}

/** Holds `maxKeys` keys; beyond that it forgets the one that was set longest ago. */
export function boundedMap<V>(maxKeys: number): BoundedMap<V> {
  const values = new Map<string, V>();
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.delete(key);
      values.set(key, value);
      if (values.size <= maxKeys) return;
      const [oldest = ''] = values.keys();
      values.delete(oldest);
    },
    delete: (key) => void values.delete(key),
  };
}
