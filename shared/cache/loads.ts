/** One load at a time for each key, whoever waits for it. */
import { type Deadline, DeadlineExceededError } from '../deadline/deadline.ts';
import { isWithin } from './entry.ts';
import { covers, type Versions } from './tag-versions.ts';

export interface Load<T> {
  /** What it was begun under: it may have read nothing newer. */
  readonly versions: Versions;
  readonly beganAtMs: number;
  readonly done: Promise<T>;
}

export interface LoadsOptions {
  /** A load that takes longer is not waited for by newcomers: they begin another. */
  readonly maxLoadMs: number;
  readonly now: () => number;
}

type Work<T> = (of: Omit<Load<T>, 'done'>) => Promise<T>;

/** @returns the load of the key: the one under way, where it began late enough to know of `seen`. */
export function singleLoads<T>({ maxLoadMs, now }: LoadsOptions) {
  const underWay = new Map<string, Load<T>>();
  return (key: string, seen: Versions, work: Work<T>): Load<T> => {
    const nowMs = now();
    const before = underWay.get(key);
    if (before && isWithin(nowMs, before.beganAtMs, maxLoadMs) && covers(before.versions, seen))
      return before;
    const begun = { versions: seen, beganAtMs: nowMs };
    const done = work(begun).finally(() => {
      if (underWay.get(key) === load) underWay.delete(key);
    });
    const load = { ...begun, done };
    underWay.set(key, load);
    // Perhaps nobody waits for it; whoever does hears of a failure all the same.
    done.catch(() => {});
    return load;
  };
}

/** Ends the waiting, not what is waited for. @throws DeadlineExceededError */
export function until<T>({ signal }: Deadline, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () =>
      reject(new DeadlineExceededError('the time is up', { cause: signal.reason }));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
