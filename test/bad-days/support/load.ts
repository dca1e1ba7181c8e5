/** Calls that keep a stack busy until it is no more. */
import type { LocalState } from '#local/state-file.ts';

/** The process group of the stack's engine. */
export function engineOf({ pids, engine }: LocalState): number {
  const found = pids.find(({ name }) => name === engine);
  if (!found) throw new Error(`the state names no process of ${engine}`);
  return found.pid;
}

export async function isListening(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}

/** So many callers, each sending its next order when the last was answered. */
export function placeOrders({ apiUrl, apiKeys }: LocalState, token: string, callers: number) {
  const ending = new AbortController();
  let answers = 0;
  const waiting = new Set<() => void>();

  async function caller(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const response = await fetch(`${apiUrl}/orders`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': crypto.randomUUID(),
            'x-api-key': apiKeys['acme'] ?? '',
          },
          body: JSON.stringify({ lines: [{ itemId: 'book', quantity: 1 }], address: '1 Quay' }),
          signal: ending.signal,
        });
        await response.text();
        answers += 1;
        for (const look of waiting) look();
      } catch {
        return; // The stack is gone, which is what these calls are for.
      }
    }
  }

  const all = Array.from({ length: callers }, caller);
  return {
    /** Resolves when so many calls were answered, however. */
    answered: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (answers >= count) resolve();
        };
        waiting.add(look);
        look();
      }),
    async stop(): Promise<void> {
      ending.abort();
      await Promise.all(all);
    },
  };
}
