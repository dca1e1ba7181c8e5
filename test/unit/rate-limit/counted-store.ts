/** A store whose calls a test counts, and whose answers it may hold back. */
import type { Item } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';

export interface CountedStore extends ItemReader, ItemWriter {
  readonly calls: { reads: number; writes: number };
  /** The next write is done at once, and answered when the returned function is called. */
  holdNextAnswer(): () => void;
  failNext(): void;
  items(table: string): readonly Item[];
}

export function countedStore(): CountedStore {
  const calls = { reads: 0, writes: 0 };
  let failing = false;
  const store = memoryStore({
    faults: () => {
      const fails = failing;
      failing = false;
      return fails ? 'lose-request' : undefined;
    },
  });
  let held: Promise<void> | undefined;
  return {
    calls,
    items: store.items,
    read(at, options) {
      calls.reads += 1;
      return store.read(at, options);
    },
    async write(write, options) {
      calls.writes += 1;
      const waits = held;
      held = undefined;
      const written = await store.write(write, options);
      await waits;
      return written;
    },
    holdNextAnswer() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    failNext() {
      failing = true;
    },
  };
}
