/** A stage brought to rest: no intake, and what was accepted is worked off. */
import { setTimeout as wait } from 'node:timers/promises';
import { bucketAt, partitionsOf } from '#shared/outbox/outbox-items.ts';
import { unledgered } from '#shared/outbox/unledgered.ts';
import type { Item } from '#shared/state/items.ts';
import type { RangeReader } from '#shared/state/store.ts';

/** What is left, by where it waits. */
export type Left = Readonly<Record<string, number>>;

export const sumOf = (left: Left): number => Object.values(left).reduce((a, b) => a + b, 0);

/** Events of the last two hours that are in no ledger yet: the relay has them, or the sweeper will. */
export async function outboxDepth(store: RangeReader, nowMs: number): Promise<number> {
  const last = bucketAt(nowMs);
  const buckets = Array.from({ length: 13 }, (_, i) => last - i);
  let depth = 0;
  for (const bucket of buckets) depth += await bucketDepth(store, bucket, nowMs);
  return depth;
}

async function bucketDepth(store: RangeReader, bucket: number, nowMs: number): Promise<number> {
  const items = await Promise.all(
    partitionsOf(bucket).map(async (partition) => {
      const all: Item[] = [];
      let after: Item | undefined;
      do {
        const page = await store.page({
          table: 'outbox',
          partition: { name: 'pk', value: partition },
          sort: { name: 'sk' },
          limit: 500,
          consistent: true,
          ...(after && { after }),
        });
        all.push(...page.items);
        after = page.next;
      } while (after);
      return all;
    }),
  );
  return unledgered(items.flat(), nowMs, 0).length;
}

export interface RestOptions {
  readonly look: () => Promise<Left>;
  readonly withinMs: number;
  readonly onLook?: (left: Left) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** So many looks in a row must find nothing: between two places a message is in neither. */
const quietLooks = 3;
const lookEveryMs = 1_000;

/** Waits for rest, or until the time is up. @returns what is left. */
export async function waitForRest({
  look,
  withinMs,
  onLook = () => {},
  now = Date.now,
  sleep = wait,
}: RestOptions): Promise<Left> {
  const deadlineMs = now() + withinMs;
  for (let quiet = 0; ; ) {
    const left = await look();
    onLook(left);
    quiet = sumOf(left) === 0 ? quiet + 1 : 0;
    if (quiet === quietLooks || now() >= deadlineMs) return left;
    await sleep(lookEveryMs);
  }
}
