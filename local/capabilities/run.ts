/**
 * Runs probes side by side, because most of their time is waiting. One that throws, or whose things
 * cannot be cleaned up, is a fault of the probe: it says nothing about the engine.
 */
import type { RunningLab } from './lab.ts';
import type { Finding, Probe } from './probe.ts';

export type Outcome =
  | { readonly finding: Finding; readonly tookMs: number }
  | { readonly fault: unknown; readonly tookMs: number };

export interface RunOptions<Id extends string> {
  /** In this order, as lanes become free. */
  readonly ids: readonly Id[];
  readonly probes: Readonly<Record<Id, Probe>>;
  /** A fresh one for each probe. */
  readonly newLab: () => RunningLab;
  /** These wait for something that comes once a minute: all begin at once, beside the lanes. */
  readonly waiting?: readonly Id[];
  /** These run one at a time, when every lane is empty: they measure the engine's speed. */
  readonly alone?: readonly Id[];
  readonly lanes?: number;
  /** A probe that takes longer is a fault. */
  readonly deadlineMs?: number;
  /** Gives up: no probe begins any more, and one that runs is a fault with its reason. */
  readonly signal?: AbortSignal;
}

const never = new AbortController().signal;

/** Begins at once. Every promise resolves, faults included. */
export function runProbes<Id extends string>({
  ids,
  probes,
  newLab,
  waiting = [],
  alone = [],
  lanes = 10,
  deadlineMs = 150_000,
  signal = never,
}: RunOptions<Id>): ReadonlyMap<Id, Promise<Outcome>> {
  if (!(Number.isInteger(lanes) && lanes > 0))
    throw new RangeError(`lanes must be a whole number from 1, got ${lanes}`);
  if (!(deadlineMs > 0)) throw new RangeError(`deadlineMs must be above 0, got ${deadlineMs}`);
  const outcomes = new Map(ids.map((id) => [id, Promise.withResolvers<Outcome>()] as const));
  const run = async (id: Id) =>
    outcomes.get(id)?.resolve(await outcomeOf(probes[id], newLab, deadlineMs, signal));
  const lane = async (queue: Id[]) => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) await run(id);
  };

  const last = ids.filter((id) => alone.includes(id));
  const together = ids.filter((id) => !alone.includes(id) && !waiting.includes(id));
  for (const id of ids) if (waiting.includes(id)) void run(id);
  void Promise.all(Array.from({ length: lanes }, () => lane(together))).then(() => lane(last));
  return new Map([...outcomes].map(([id, { promise }]) => [id, promise]));
}

async function outcomeOf(
  probe: Probe,
  newLab: () => RunningLab,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { fault: signal.reason, tookMs: 0 };
  const lab = newLab();
  const startedAtMs = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAtMs);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${deadlineMs} ms`)),
    deadlineMs,
  );
  const giveUp = () => late.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const finding = await cleanedUp(lab, Promise.race([ask(probe, lab), late.promise]));
    return { finding, tookMs: tookMs() };
  } catch (fault) {
    return { fault, tookMs: tookMs() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** One that throws before its first wait rejects as well. */
const ask = async (probe: Probe, lab: RunningLab): Promise<Finding> => probe(lab);

/** What it rejects with is the probe's own fault, where there is one, with that of the cleaning. */
async function cleanedUp(lab: RunningLab, finding: Promise<Finding>): Promise<Finding> {
  const [probed] = await Promise.allSettled([finding]);
  const [cleaned] = await Promise.allSettled([lab.cleanUp()]);
  const faults = [probed, cleaned].flatMap((end) =>
    end.status === 'rejected' ? [end.reason] : [],
  );
  if (faults.length > 1) throw new AggregateError(faults, String(faults[0]));
  if (faults.length === 1) throw faults[0];
  return finding;
}
