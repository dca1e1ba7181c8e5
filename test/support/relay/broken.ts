/** Bad days of a store, and the two mistakes that a bounded queue must not make, as wrappers of a store. */
import type { Write } from '#shared/state/items.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import type { DeskStore } from './relay-desk.ts';

export interface LossyOptions {
  /** Share of writes and commits whose request or answer is lost, half of them each. */
  readonly lostRatio: number;
  readonly random: () => number;
}

export function lossy(store: DeskStore, { lostRatio, random }: LossyOptions): DeskStore {
  async function through<T>(call: () => Promise<T>): Promise<T> {
    const fate = random();
    if (fate < lostRatio / 2) throw new LostAnswerError('the request was lost');
    const answer = await call();
    if (fate < lostRatio) throw new LostAnswerError('the answer was lost');
    return answer;
  }
  return {
    ...store,
    write: (write, options) => through(() => store.write(write, options)),
    commit: (transaction) => through(() => store.commit(transaction)),
  };
}

const isJob = ({ at }: Write): boolean => at.key['sk'] === 'relay-job';
const isCounter = ({ at }: Write): boolean => at.key['sk'] === 'relay-slots';

/** A transition that looks at the job's status, and does not make the write depend on it. */
export function withoutStatusCondition(store: DeskStore): DeskStore {
  const unconditioned = (write: Write): Write =>
    isJob(write) && 'put' in write && write.when && 'where' in write.when
      ? { put: write.put, at: write.at }
      : write;
  return {
    ...store,
    commit: ({ token, writes }) => store.commit({ token, writes: writes.map(unconditioned) }),
  };
}

/** The counter is moved after the job, by a write of its own, which a crash may leave undone. */
export function counterApart(store: DeskStore, { lostRatio, random }: LossyOptions): DeskStore {
  return {
    ...store,
    async commit({ token, writes }) {
      const committed = await store.commit({
        token,
        writes: writes.filter((write) => !isCounter(write)),
      });
      if (committed.applied && random() >= lostRatio)
        for (const write of writes.filter(isCounter)) await store.write(write);
      return committed;
    },
  };
}
