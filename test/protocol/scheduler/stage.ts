/** The world of one run: a clock, a store and queues in memory, and what actors see of them. */
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { MemoryQueue, QueueFault } from '#shared/queue/memory-queue.ts';
import type { QueueSender, Visibility } from '#shared/queue/queue.ts';
import { addressText, type Item, type Write } from '#shared/state/items.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import type { MemoryStore, Fault as StoreFault } from '#shared/state/memory-store.ts';
import type { ItemWriter, RangeReader, TransactionStore } from '#shared/state/store.ts';
import type { Subject } from '../subject.ts';
import { type Call, type Fault, faultsOf, nameOfAddress, shortened, textOfWrite } from './call.ts';
import { type Clock, startMs, virtualDeadline } from './clock.ts';

/** What an actor has in its hands. Every call of `store` and `queue` is a step of its own. */
export interface Self {
  readonly name: string;
  /** From 1; one more after each crash. */
  readonly life: number;
  readonly store: TransactionStore & ItemWriter & RangeReader;
  readonly queue: QueueSender & Visibility;
  readonly now: () => number;
  readonly random: () => number;
  /** Time passes at once: what others do meanwhile, they do before or after. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly newId: () => string;
  /** Counts from the first step after it: whoever has not begun has not begun to wait. */
  readonly deadline: (inMs: number) => Deadline;
  readonly step: Step;
}

/** One step: waits until it is its turn, and then for what the scheduler makes of it. */
export type Step = <T>(
  call: Call,
  perform: (fault: Fault | undefined) => T | Promise<T>,
) => Promise<T>;

export interface Stage {
  readonly subject: Subject;
  readonly clock: Clock;
  /** Not a step: for the beginning of a run, and for its audit. */
  readonly store: MemoryStore;
  readonly queue: MemoryQueue;
  /** When each received message can be seen again, by its receipt: for comparing states. */
  readonly hiddenUntil: Map<string, number>;
  /** What stale reads may answer. */
  earlier(): unknown;
  selfOf(name: string, life: number, step: Step, onBegin: OnBegin): Self;
}

/** Registers what shall happen at the next step of the actor. */
export type OnBegin = (begin: () => void) => void;

export const lost = (what: string): Error => new LostAnswerError(`${what} was not answered`);

export function stage(subject: Subject): Stage {
  const clock: Clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  let storeFault: StoreFault | undefined;
  let queueFault: QueueFault | undefined;
  const store = subject.memoryStore({
    now,
    faults() {
      const fault = storeFault;
      storeFault = undefined;
      return fault;
    },
  });
  const queue = subject.memoryQueue({
    now,
    faults() {
      const fault = queueFault;
      queueFault = undefined;
      return fault;
    },
  });
  const hiddenUntil = new Map<string, number>();
  /** Each item as it was before its last change. */
  const earlier = new Map<string, Item | undefined>();

  async function changing<T>(writes: readonly Write[], work: () => Promise<T>): Promise<T> {
    const before = await Promise.all(writes.map(({ at }) => store.read(at)));
    const result = await work();
    for (const [i, { at }] of writes.entries())
      if ((await store.read(at)) !== before[i]) earlier.set(addressText(at), before[i]);
    return result;
  }

  const commitFault = (fault: Fault | undefined): StoreFault | undefined =>
    fault === 'conflict' || fault === 'throttle' ? fault : undefined;

  const storeOf = (step: Step): Self['store'] => ({
    read(at, options) {
      const text = addressText(at);
      const isStale = options?.consistent === false && earlier.has(text);
      return step(
        {
          verb: 'read',
          what: `${options?.consistent === false ? 'peeks at' : 'reads'} ${nameOfAddress(at)}`,
          faults: [...(faultsOf['read'] ?? []), ...(isStale ? (['stale'] as const) : [])],
        },
        (fault) => (fault === 'stale' ? earlier.get(text) : store.read(at)),
      );
    },
    page: (range) =>
      step(
        {
          verb: 'page',
          what: `lists ${range.table} ${range.partition.value}`,
          faults: faultsOf['page'] ?? [],
        },
        () => store.page(range),
      ),
    write: (write, options) =>
      step(
        { verb: 'write', what: `writes: ${textOfWrite(write)}`, faults: faultsOf['write'] ?? [] },
        () => changing([write], () => store.write(write, options)),
      ),
    commit: (transaction) =>
      step(
        {
          verb: 'commit',
          what: `commits ${transaction.token}: ${transaction.writes.map(textOfWrite).join(', ')}`,
          faults: faultsOf['commit'] ?? [],
        },
        (fault) =>
          changing(transaction.writes, () => {
            storeFault = commitFault(fault);
            return store.commit(transaction);
          }),
      ),
  });

  const queueOf = (step: Step): Self['queue'] => ({
    send: (name, messages) =>
      step(
        {
          verb: 'send',
          what: `sends to ${name}: ${messages.map(({ id }) => id).join(', ')}`,
          faults: faultsOf['send'] ?? [],
        },
        (fault) => {
          const first = [messages[0]?.id ?? ''];
          queueFault =
            fault === 'fail'
              ? { failed: first }
              : fault === 'refuse'
                ? { refused: first }
                : undefined;
          return queue.send(name, messages);
        },
      ),
    hide: (name, receiptHandle, seconds) =>
      step(
        {
          verb: 'hide',
          what: `hides ${receiptHandle} for ${seconds} s`,
          faults: faultsOf['hide'] ?? [],
        },
        () => {
          hiddenUntil.set(receiptHandle, clock.nowMs + seconds * 1_000);
          return queue.hide(name, receiptHandle, seconds);
        },
      ),
  });

  return {
    subject,
    clock,
    store,
    queue,
    hiddenUntil,
    earlier: () => [...earlier].sort(([a], [b]) => (a < b ? -1 : 1)),
    selfOf(name, life, step, onBegin) {
      let ids = 0;
      return {
        name,
        life,
        store: storeOf(step),
        queue: queueOf(step),
        now,
        random: () => 0.5,
        async sleep(ms) {
          clock.nowMs += Math.ceil(ms);
        },
        newId: () => `${name}-${++ids}`,
        deadline(inMs) {
          const start: { atMs: number | undefined } = { atMs: undefined };
          onBegin(() => {
            start.atMs = clock.nowMs;
          });
          return virtualDeadline(clock, inMs, start);
        },
        step,
      };
    },
  };
}

/** What a caller heard, for a trace. */
export function textOfHeard(value: unknown): string {
  if (value === undefined) return 'nothing there';
  if (typeof value === 'object' && value !== null && 'applied' in value) {
    if (value.applied === true) return 'done';
    if ('refusals' in value)
      return `refused: ${(value.refusals as readonly { readonly because: string }[]).map(({ because }) => because).join(', ')}`;
    return 'refused: condition';
  }
  if (typeof value === 'object' && value !== null && 'items' in value)
    return `${(value.items as readonly unknown[]).length} items`;
  return shortened(value);
}
