/** How much of each share of the relay is taken, each counter read for itself. */
import type { Share } from '#shared/bounded-queue/shares.ts';
import { slots } from '#shared/bounded-queue/slots.ts';
import type { ItemReader } from '#shared/state/store.ts';
import { relaySlotsAddress } from './domain/keys.ts';
import { relayShares } from './tables/relay.ts';

/** @throws TypeError for an item that is no counter. */
export const takenOfShares = (
  store: ItemReader,
): Promise<readonly (Share & { readonly taken: number })[]> =>
  Promise.all(
    relayShares.all.map(async (share) => {
      const { tenant, capacity } = share;
      const { at, standing } = slots({ at: relaySlotsAddress(tenant), capacity });
      return { ...share, taken: standing(await store.read(at, { consistent: false })).taken };
    }),
  );
