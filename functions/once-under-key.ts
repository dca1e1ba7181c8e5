/** What a simulated recipient does once, however often it is asked, and keeps for an auditor. */
import { type Address, toTtl } from '#shared/state/items.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { retention } from './tables/retention.ts';

export interface KeyedAnswer {
  /** As over HTTP: 422 for a key that was used for something else. */
  readonly status: 202 | 422;
  /** Under this key it was done before, and not again. */
  readonly repeated?: boolean;
}

export interface OnceUnderKeyOptions {
  readonly store: ItemWriter;
  /** Where the key's item stands, with the times it was asked for. */
  readonly at: Address;
  /** What is done, and by which it is known again. Nothing personal: the item is kept. */
  readonly what: Readonly<Record<string, string>>;
  readonly now: () => number;
}

export async function onceUnderKey({
  store,
  at,
  what,
  now,
}: OnceUnderKeyOptions): Promise<KeyedAnswer> {
  const nowMs = now();
  const expiresAtMs = nowMs + retention.inboxMs;
  const first = await store.write({
    put: { ...what, doneAtMs: nowMs, asked: 1, expiresAtMs, ttl: toTtl(expiresAtMs) },
    at,
    when: { lapsedAtMs: nowMs },
  });
  if (first.applied) return { status: 202 };
  const same = Object.entries(what).map(([name, text]) => [name, { equals: text }] as const);
  const again = await store.write({
    add: { asked: 1 },
    at,
    when: { where: Object.fromEntries(same) },
  });
  return again.applied ? { status: 202, repeated: true } : { status: 422 };
}
