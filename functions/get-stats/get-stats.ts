/** GET /stats: what the service knows of its load. */
import { slots } from '#shared/bounded-queue/slots.ts';
import type { Pressure } from '#shared/pressure/gauge.ts';
import { levelOfQueue } from '#shared/pressure/levels.ts';
import type { ItemReader } from '#shared/state/store.ts';
import { relaySlotsAddress } from '../domain/keys.ts';
import { letterQueueSlug } from '../tables/letters.ts';
import { relayBound, relayShares } from '../tables/relay.ts';

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

/** How much of each share of the relay is taken, each counter read for itself. */
export async function readRelay(store: ItemReader) {
  const shares = await Promise.all(
    relayShares.all.map(async ({ tenant, capacity }) => {
      const { at, standing } = slots({ at: relaySlotsAddress(tenant), capacity });
      const { taken } = standing(await store.read(at, { consistent: false }));
      return { of: tenant ?? 'others', taken, share: capacity };
    }),
  );
  return { bound: relayBound, shares };
}
