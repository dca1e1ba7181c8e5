/** Changes of a relay job outside a unit of work: by whoever gives it up, or takes it up again. */
import type { Write } from '#shared/state/items.ts';
import type { TransactionStore } from '#shared/state/store.ts';
import { relayJobAddress } from './domain/keys.ts';
import {
  acceptAgainWrites,
  isParked,
  parkWrites,
  readRelayJob,
  relaySlots,
} from './domain/relay-job.ts';

export interface RelayChangesOptions {
  readonly store: TransactionStore;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly newId?: () => string;
}

export interface JobName {
  readonly tenant: string;
  readonly jobId: string;
}

/**
 * Each may be called any number of times, and throws the store's error where it was not answered: then
 * it is done or not, and called again it finds out.
 * @throws RelayJobContendedError when others changed the job, or its counter, at every try
 */
export interface RelayChanges {
  /** `left` for a job that is not accepted, or not there. */
  park(name: JobName): Promise<'parked' | 'left'>;
  /** `full` when its share has no slot for it. */
  acceptAgain(name: JobName): Promise<'accepted' | 'left' | 'full'>;
}

export class RelayJobContendedError extends Error {
  override name = 'RelayJobContendedError';
}

const maxTries = 5;
const baseDelayMs = 20;

export function relayChanges({
  store,
  now = Date.now,
  random = Math.random,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId = () => crypto.randomUUID(),
}: RelayChangesOptions): RelayChanges {
  const find = async ({ tenant, jobId }: JobName) =>
    readRelayJob(await store.read(relayJobAddress(tenant, jobId)));

  const applied = async (writes: readonly Write[]): Promise<boolean> =>
    (await store.commit({ token: newId(), writes })).applied;

  /** Again, on fresh reads, as long as others were in the way. */
  async function untilDone<T>(once: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 1; attempt <= maxTries; attempt++) {
      const end = await once();
      if (end !== undefined) return end;
      await sleep(random() * baseDelayMs * 2 ** attempt);
    }
    throw new RelayJobContendedError(`others were in the way ${maxTries} times in a row`);
  }

  return {
    park: (name) =>
      untilDone(async () => {
        const job = await find(name);
        const writes = job ? parkWrites(job) : [];
        if (writes.length === 0) return 'left';
        return (await applied(writes)) ? 'parked' : undefined;
      }),
    acceptAgain: (name) =>
      untilDone(async () => {
        const job = await find(name);
        if (!job || !isParked(job)) return 'left';
        const places = relaySlots(name.tenant);
        if (places.standing(await store.read(places.at)).free === 0) return 'full';
        return (await applied(acceptAgainWrites(job, now()))) ? 'accepted' : undefined;
      }),
  };
}
