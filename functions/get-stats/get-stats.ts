/** GET /stats: what the service knows of its load. */
import type { Pressure } from '#shared/pressure/gauge.ts';
import { levelOfQueue } from '#shared/pressure/levels.ts';
import type { ItemReader } from '#shared/state/store.ts';
import { takenOfShares } from '../relay-shares.ts';
import { letterQueueSlug } from '../tables/letters.ts';
import { relayBound } from '../tables/relay.ts';

export const toPressureView = ({ level, known, queues, readAtMs, ageMs }: Pressure) => ({
  level,
  known,
  ...(readAtMs !== undefined && { readAt: new Date(readAtMs).toISOString() }),
  ...(ageMs !== undefined && { readingAgeMs: ageMs }),
  queues: queues.map(({ queue, backlog, oldestAgeMs }) => ({
    queue: letterQueueSlug(queue),
    level: levelOfQueue({ backlog, oldestAgeMs }),
    backlog,
    ...(oldestAgeMs !== undefined && { oldestAgeMs }),
  })),
});

/** The slots of the relay. */
export async function readRelay(store: ItemReader) {
  const shares = await takenOfShares(store);
  return {
    bound: relayBound,
    shares: shares.map(({ tenant = 'others', taken, capacity }) => ({
      of: tenant,
      taken,
      share: capacity,
    })),
  };
}
