/** Works off a list of due things that lies in shards of an index, with as many sweepers as there are. */
import type { Claim } from '#shared/lease/claim.ts';
import { LeaseLostError } from '#shared/lease/heartbeat.ts';
import type { Guarded } from '#shared/lease/mutex.ts';
import type { Item } from '#shared/state/items.ts';
import type { RangeReader } from '#shared/state/store.ts';

export interface ListSweepOptions {
  readonly store: RangeReader;
  readonly claim: Claim;
  /** The shards of the list, in `listPk` of the index `lists`; each in the order in which things are due. */
  readonly shards: readonly string[];
  /** `early`: not due yet, nor is what lies behind it. `changed`: by somebody else, meanwhile. */
  readonly sweepOne: (item: Item, held: Guarded) => Promise<'early' | 'swept' | 'changed'>;
}

export interface Swept {
  readonly swept: number;
  /** Changed by somebody else meanwhile: the next run looks again. */
  readonly passedOver: number;
  /** Shards that another sweeper works on. */
  readonly skippedShards: number;
  readonly unfinished: boolean;
}

/** Items read at once. */
const pageSize = 50;

export function listSweep({ store, claim, shards, sweepOne }: ListSweepOptions) {
  /** @throws AggregateError of items that could not be swept, when all others are. */
  async function sweepShard(shard: string, held: Guarded, hasTime: () => boolean) {
    let swept = 0;
    let passedOver = 0;
    const failures: unknown[] = [];
    const done = (unfinished: boolean) => {
      if (failures.length > 0) throw new AggregateError(failures, 'items that could not be swept');
      return { swept, passedOver, unfinished };
    };
    for (let after: Item | undefined; ; ) {
      const { items, next } = await store.page({
        table: 'domain',
        index: 'lists',
        partition: { name: 'listPk', value: shard },
        sort: { name: 'listSk' },
        limit: pageSize,
        ...(after && { after }),
      });
      for (const item of items) {
        if (!hasTime()) return done(true);
        const end = await sweepOne(item, held).catch((error: unknown) => {
          if (error instanceof LeaseLostError) throw error;
          // One that cannot be read must not keep those behind it waiting.
          failures.push(error);
          return undefined;
        });
        if (end === 'early') return done(false);
        if (end === 'swept') swept++;
        if (end === 'changed') passedOver++;
      }
      if (!next) return done(false);
      after = next;
    }
  }

  /** @throws AggregateError when a shard could not be swept. */
  return async (hasTime: () => boolean): Promise<Swept> => {
    const { done, skipped, left } = await claim({
      parts: shards,
      hasTime,
      work: (shard, held) => sweepShard(shard, held, hasTime),
    });
    const sum = (of: 'swept' | 'passedOver') =>
      done.reduce((total, { result }) => total + result[of], 0);
    return {
      swept: sum('swept'),
      passedOver: sum('passedOver'),
      skippedShards: skipped.length,
      unfinished: left.length > 0 || done.some(({ result }) => result.unfinished),
    };
  };
}
