/**
 * A few actors, one lease and a clock, run through by a scheduler that decides whose next step it is.
 * An actor waits before each call to the store; while others are chosen it is frozen, and one that is
 * never chosen again is dead.
 */
import type { LeaseState } from '#shared/lease/lease-item.ts';
import { leaseAddress, readLease } from '#shared/lease/lease-item.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';

export const key = 'k';
export const holdMs = 100;

type Store = TransactionStore & ItemWriter;

/**
 * - `late-request`: it arrives when the scheduler says so, or never. The caller hears a timeout.
 * - `lose-answer`: it is done. The caller hears a timeout.
 * - `conflict`: a transaction met another; nothing was done.
 */
export type Fault = 'late-request' | 'lose-answer' | 'conflict';

/** Everything an actor works with. */
export interface Hands {
  readonly name: string;
  readonly store: Store;
  readonly now: () => number;
  /** Waits for its turn like a call. */
  readonly turn: (what: string) => Promise<void>;
}

export interface Play {
  readonly actors: Readonly<Record<string, (hands: Hands) => Promise<void>>>;
  /** Times that the clock jumps to behind the end of a lease taken now. */
  readonly jumps: number;
  readonly faults?: readonly Fault[];
  /** Most faults of one run. */
  readonly depth?: number;
  /** Most times that an actor is left in the middle for another. */
  readonly preemptions?: number;
}

export interface Run {
  readonly wrong: readonly string[];
  /** How many ways there were to go on at each step. */
  readonly widths: readonly number[];
  /** Who did what, in order. */
  readonly trace: readonly string[];
}

interface Waiting {
  readonly who: string;
  readonly what: string;
  readonly faults: readonly Fault[];
  readonly go: (fault: Fault | undefined) => void;
}

const idle = () => new Promise((resolve) => setImmediate(resolve));

/** One run: at each step the choice named, or the first. */
export async function play(
  { actors, jumps, faults = [], depth = 1, preemptions = Infinity }: Play,
  choices: readonly number[],
): Promise<Run> {
  const clock = { nowMs: 1_000_000 };
  const store = memoryStore({ now: () => clock.nowMs });
  const waiting = new Set<Waiting>();
  const wrong: string[] = [];
  const trace: string[] = [];
  const widths: number[] = [];
  const at = leaseAddress('lease', key);
  const lease = () => readLease(store.items('lease')[0]);
  let highest = 0;

  function judge(what: string, before: LeaseState | undefined, protectedBy: number | undefined) {
    const token = lease()?.token ?? 0;
    if (token < highest) wrong.push(`the token went from ${highest} to ${token}`);
    highest = Math.max(highest, token);
    if (protectedBy === undefined) return;
    if (before?.token !== protectedBy)
      wrong.push(`${what} wrote under token ${protectedBy}, the lease had ${before?.token}`);
    else if (before.owner === null) wrong.push(`${what} wrote after it had released`);
  }

  /** Does a call and judges it by what it changed. */
  async function carryOut<T>(what: string, work: () => Promise<T>): Promise<T> {
    const before = lease();
    const written = store.items('things').length;
    const answer = await work();
    const thing = store.items('things').at(-1);
    judge(
      what,
      before,
      store.items('things').length > written ? Number(thing?.['token']) : undefined,
    );
    return answer;
  }

  function handsOf(name: string): Hands {
    const turn = (what: string, possible: readonly Fault[] = []) =>
      new Promise<Fault | undefined>((go) =>
        waiting.add({ who: name, what, faults: possible, go }),
      );
    let late = 0;
    async function call<T>(
      what: string,
      possible: readonly Fault[],
      work: () => Promise<T>,
      conflict?: T,
    ) {
      const fault = await turn(what, possible);
      const named = `${name} ${what}`;
      if (fault === 'conflict') return conflict as T;
      if (fault === 'late-request') {
        const ghost = `${name}'s late ${what} ${++late}`;
        waiting.add({
          who: ghost,
          what: 'arrives',
          faults: [],
          go: () => void carryOut(ghost, work),
        });
        throw new LostAnswerError(named);
      }
      const answer = await carryOut(named, work);
      if (fault === 'lose-answer') throw new LostAnswerError(named);
      return answer;
    }
    const lossy: readonly Fault[] = ['late-request', 'lose-answer'];
    return {
      name,
      now: () => clock.nowMs,
      turn: async (what) => void (await turn(what)),
      store: {
        read: (address) => call('read', [], () => store.read(address)),
        write: (write) => call('write', lossy, () => store.write(write)),
        commit: (transaction) =>
          call('commit', [...lossy, 'conflict'], () => store.commit(transaction), {
            applied: false,
            refusals: transaction.writes.map((_, i) => ({
              because: i === 0 ? 'conflict' : 'none',
            })),
          }),
      },
    };
  }

  for (const [name, act] of Object.entries(actors))
    act(handsOf(name)).catch((error: Error) => trace.push(`${name} ended: ${error.name}`));

  let faultsLeft = depth;
  let jumpsLeft = jumps;
  let preemptionsLeft = preemptions;
  let last = '';
  for (let step = 0; ; step++) {
    await idle();
    const awake = [...waiting].some(({ who }) => who === last);
    const ways = [...waiting]
      .filter(({ who }) => !awake || who === last || preemptionsLeft > 0)
      .flatMap((each) => {
        const { who, what, faults: possible, go } = each;
        return [
          undefined,
          ...possible.filter((fault) => faultsLeft > 0 && faults.includes(fault)),
        ].map((fault) => ({
          said: `${who} ${what}${fault ? ` (${fault})` : ''}`,
          take() {
            waiting.delete(each);
            if (awake && who !== last) preemptionsLeft--;
            last = who;
            if (fault) faultsLeft--;
            go(fault);
          },
        }));
      });
    if (ways.length === 0) break;
    if (jumpsLeft > 0)
      ways.push({
        said: 'the lease lapses',
        take() {
          jumpsLeft--;
          clock.nowMs += holdMs + 1;
        },
      });
    widths.push(ways.length);
    const way = ways[choices[step] ?? 0];
    trace.push(way?.said ?? 'nothing');
    way?.take();
  }
  if (store.items('lease').some((item) => item['pk'] !== at.key['pk'])) wrong.push('another lease');
  return { wrong, widths, trace };
}

export interface Explored {
  readonly runs: number;
  /** The first run that went wrong, told step by step. */
  readonly wrong?: string;
}

/** Every run of a play, depth first; stops at the first that goes wrong. */
export async function explore(what: Play): Promise<Explored> {
  let choices: number[] = [];
  for (let runs = 1; ; runs++) {
    const { wrong, widths, trace } = await play(what, choices);
    if (wrong.length > 0) return { runs, wrong: [...trace, ...wrong].join('\n') };
    let step = widths.length - 1;
    while (step >= 0 && (choices[step] ?? 0) + 1 >= (widths[step] ?? 0)) step--;
    if (step < 0) return { runs };
    choices = [
      ...Array.from({ length: step }, (_, i) => choices[i] ?? 0),
      (choices[step] ?? 0) + 1,
    ];
  }
}
