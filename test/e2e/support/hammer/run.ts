/** A whole run: requests, crashes and lost answers, until nothing moves any more; then the books. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FunctionName, functions } from '#functions/tables/functions.ts';
import { logsOf } from '#ops/log-reader.ts';
import { type Books, booksOf } from '../audit/books.ts';
import { everyItemOf, store } from '../auditor.ts';
import { lossyProxy } from '../lossy-proxy.ts';
import { stage } from '../stage.ts';
import { throughEndpoint } from '../through-endpoint.ts';
import { beginningOf } from './beginning.ts';
import { crashes } from './crashes.ts';
import { hammer } from './hammer.ts';
import { planOf } from './plan.ts';
import { poisonOf } from './poison.ts';
import { pooled } from './pool.ts';
import { sender } from './sender.ts';
import { settled } from './settle.ts';
import { summaryOf } from './summary.ts';

export interface RunOptions {
  readonly seed: number;
  readonly requests: number;
  readonly inFlight: number;
  readonly endpoint: string;
  /** Share of the answers of AWS to a write, a send or an invocation that nobody hears. */
  readonly lostRatio: number;
  /** For everything to come to its end, once the last request is answered. */
  readonly settleWithinMs: number;
  /** Hears how far it is. */
  readonly note: (text: string) => void;
}

export interface Run {
  readonly books: Books;
  readonly crashed: number;
  /** Answers lost, of those that said that it was done. */
  readonly lost: Readonly<Record<string, number>>;
  /** Messages left in any queue. */
  readonly left: number;
  readonly summary: string;
}

const lossyOperations = [
  'TransactWriteItems',
  'PutItem',
  'UpdateItem',
  'SendMessageBatch',
  'Invoke',
];

/** Whoever writes, sends or invokes; the fault switches are the run's own. */
const unreliable = (Object.keys(functions) as FunctionName[]).filter(
  (name) =>
    name !== 'set-simulated-faults' &&
    /Put|Update|sendsTo|invokes/.test(JSON.stringify(functions[name])),
);

const poisonEach = 4;

export async function conservationRun({
  seed,
  requests,
  inFlight,
  endpoint,
  lostRatio,
  settleWithinMs,
  note,
}: RunOptions): Promise<Run> {
  const beganMs = Date.now();
  const name = `${seed}-${Math.random().toString(36).slice(2, 6)}`;
  const tenants = [`hammer-a-${name}`, `hammer-b-${name}`];
  const plan = planOf({ seed, requests, tenants });
  const beginning = tenants.flatMap(beginningOf);
  await pooled(
    beginning.map((write) => () => store.write(write)),
    inFlight,
  );

  const undo = new AsyncDisposableStack();
  try {
    const proxy = await lossyProxy({ engine: endpoint, operations: lossyOperations, lostRatio });
    undo.defer(proxy.stop);
    undo.defer(await throughEndpoint(unreliable, { from: endpoint, to: proxy.endpoint }));
    const dying = crashes(store);
    undo.defer(dying.clear);
    const over = new AbortController();
    undo.defer(() => over.abort());
    const poison = tenants.flatMap((tenant) => poisonOf(tenant, poisonEach));
    const sending = sender();
    const hammeredMs = Date.now();
    const tending = tend(dying, over.signal);
    // It is waited for below, unless something else fails before.
    tending.catch(() => {});
    // Bad events come in the middle of good ones.
    const due = [...poison];
    const published: Promise<unknown>[] = [];
    const every = Math.floor(requests / due.length);
    const told = await hammer(plan, {
      sender: sending,
      inFlight,
      onProgress(sent, of) {
        if (sent % 250 === 0 || sent === of) note(`${sent} of ${of} sent`);
        if (sent % every === 0)
          published.push(...due.splice(0, 1).map(({ write }) => store.write(write)));
      },
    });
    await Promise.all(published);
    const answeredMs = Date.now();
    const read = async () =>
      booksOf({
        told,
        tenants,
        nowMs: Date.now(),
        poison: new Set(poison.map(({ id }) => id)),
        items: {
          domain: await everyItemOf('domain'),
          outbox: await everyItemOf('outbox'),
          state: await everyItemOf('state'),
          parked: await everyItemOf('parked'),
        },
      });
    const left = await settled(read, { withinMs: settleWithinMs, note });
    over.abort();
    await tending;
    const books = await read();
    const crashed = await crashesSince(beganMs);
    const endedMs = Date.now();
    const lost = Object.fromEntries(
      [...proxy.lost].map(([operation, { done }]) => [operation, done]),
    );
    const summary = summaryOf({
      seed,
      books,
      lost,
      crashed,
      sends: sending.sends(),
      putOff: sending.putOff,
      phasesMs: {
        ready: hammeredMs - beganMs,
        hammered: answeredMs - hammeredMs,
        settled: endedMs - answeredMs,
      },
    });
    return { books, crashed, lost, left, summary };
  } finally {
    // The stack is others' as well: one failure does not keep the rest from being put back.
    await undo.disposeAsync();
  }
}

async function tend(dying: ReturnType<typeof crashes>, over: AbortSignal): Promise<void> {
  while (!over.aborted && !(await dying.tend())) await sleep(500);
}

async function crashesSince(sinceMs: number): Promise<number> {
  const { logs, groups } = logsOf(stage);
  const lines = await Promise.all(
    Object.values(groups).map((group) => logs.read({ group, sinceMs, containing: 'crashing' })),
  );
  return lines.flat().length;
}
