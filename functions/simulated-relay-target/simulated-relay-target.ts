/** A target of the relay that can be told to misbehave. It honours keys, and keeps what it did for an auditor. */
import * as z from 'zod';
import { readSimulatedFaults, simulatedFaultsAddress } from '#shared/faults/fault-items.ts';
import { type MisbehaveOptions, misbehaving } from '#shared/faults/misbehave.ts';
import type { Address } from '#shared/state/items.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';
import { relayPayload } from '../domain/relay-job.ts';
import { onceUnderKey } from '../once-under-key.ts';

const relayRequest = z.object({
  ...relayPayload.shape,
  key: z.string().min(1),
  jobId: z.string().min(1),
});

/** Nobody listens here: whatever comes for it is refused. */
const deafChannel = 'nobody';

export interface RelayAnswer {
  readonly status: 202 | 400 | 404 | 422 | 503;
  /** Under this key a job was taken before, and this one was not taken again. */
  readonly repeated?: boolean;
}

/** What an auditor finds: one item a job, with the times it was asked for. Not what it said. */
export const takenJobAddress = (key: string): Address => ({
  table: 'state',
  key: { pk: `simulated#relay-target#${key}` },
});

export interface SimulatedRelayTargetOptions
  extends Omit<MisbehaveOptions<RelayAnswer>, 'faults' | 'unavailable'> {
  readonly store: ItemReader & ItemWriter;
  readonly now?: () => number;
}

/**
 * The answer as over HTTP: 400 for a request it cannot read, 404 for a channel without listeners, 422
 * for a key used for another job.
 */
export async function simulatedRelayTarget(
  request: unknown,
  { store, now = Date.now, ...misbehaviour }: SimulatedRelayTargetOptions,
): Promise<RelayAnswer> {
  const asked = relayRequest.safeParse(request).data;
  const faults = readSimulatedFaults(
    await store.read(simulatedFaultsAddress('state', 'relay-target')),
  );

  async function take(): Promise<RelayAnswer> {
    if (!asked) return { status: 400 };
    const { key, channel, jobId } = asked;
    if (channel === deafChannel) return { status: 404 };
    return onceUnderKey({ store, at: takenJobAddress(key), what: { channel, jobId }, now });
  }

  return misbehaving(take, { ...misbehaviour, faults, unavailable: { status: 503 } });
}
