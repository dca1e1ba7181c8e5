/** The business of the benchmark, the same for every stack: one order and one event, in one transaction. */

export interface NewOrder {
  readonly tenant: string;
  readonly user: string;
  readonly key: string;
  readonly body: {
    readonly lines: readonly { readonly itemId: string; readonly quantity: number }[];
    readonly address: string;
  };
}

export interface Order {
  readonly id: string;
  readonly status: 'pending';
  readonly version: 1;
  readonly totalMinor: number;
}

/** More of one item than anybody may order: the use case's own refusal. */
export const tooMany = 1_000;

/** Undefined: refused. */
export function decideOrder({ body: { lines } }: NewOrder, id: string): Order | undefined {
  if (lines.some(({ quantity }) => quantity > tooMany)) return undefined;
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { id, status: 'pending', version: 1, totalMinor: 1_250 * count };
}

/** A user's limit: so many requests in a minute, all at once if they like. */
export const limit = { points: 100, seconds: 60 } as const;

/** Each stack says so in its own way: an error of this class. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** What the benchmark asks of a stack. */
export interface Stack {
  /** @throws RefusedError when the limit or the use case refuses. */
  readonly placeOrder: (request: NewOrder) => Promise<Order>;
  /** Writes down that the user has used so many of `limit.points`. */
  readonly useUp: (user: string, points: number) => Promise<unknown>;
}
