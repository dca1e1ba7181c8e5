/** Every way in which relay and sweeper can be stopped, with up to two failures, on three events. */
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { type HandOnOptions, handOn } from '#shared/outbox/hand-on.ts';
import { bucketOf, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import {
  event,
  type Failure,
  failuresOf,
  queueOf,
  startMs,
  type World,
  world,
} from './small-world.ts';

/** Two events of one aggregate, in two queues, and one of another. */
const events: readonly DomainEvent[] = [
  event({ aggregate: 'thing/1', seq: 1, type: 'created' }),
  event({ aggregate: 'thing/2', seq: 1, type: 'created' }),
  event({ aggregate: 'thing/1', seq: 2, type: 'changed' }),
];

type Stream = 'comes again after a failure' | 'loses what failed';

interface Scenario {
  readonly stream: Stream;
  readonly failures: ReadonlyMap<number, Failure>;
  readonly handingOn?: (options: HandOnOptions) => ReturnType<typeof handOn>;
}

/** What must hold after each process, dead or alive. */
function broken({ ledgered, taken, parked, strayLedgers }: World): readonly string[] {
  const settled = new Set([...taken('process'), ...taken('tell'), ...parked()]);
  return [
    ...ledgered()
      .filter((id) => !settled.has(id))
      .map((id) => `${id} is ledgered, and neither sent nor parked`),
    ...strayLedgers().map(({ sk }) => `${String(sk)} stands in another bucket than its events`),
  ];
}

/** Nothing of an aggregate may pass an event before it that was neither sent nor parked. */
function overtaken({ taken, parked }: World): readonly string[] {
  const gone = (id: string) => [...taken('process'), ...taken('tell'), ...parked()].includes(id);
  return events
    .filter(({ seq, id }) => seq === 2 && gone(id))
    .flatMap(({ aggregate }) => events.filter((e) => e.aggregate === aggregate && e.seq === 1))
    .filter(({ id }) => !gone(id))
    .map(({ id }) => `${id} was overtaken`);
}

async function play({ stream, failures, handingOn }: Scenario) {
  const small = world({ events, failures, ...(handingOn && { handingOn }) });
  const wrong: string[] = [];
  await small.commit();

  let from = await small.relay();
  wrong.push(...broken(small), ...overtaken(small));
  for (let again = 0; stream === 'comes again after a failure' && again < 3; again++) {
    if (from === undefined) break;
    from = await small.relay(from);
    wrong.push(...broken(small), ...overtaken(small));
  }
  for (let run = 0; run < 4; run++) {
    await small.sweep();
    wrong.push(...broken(small));
  }
  for (const { id, type } of events)
    if (!small.taken(queueOf(type) ?? '').includes(id) && !small.parked().includes(id))
      wrong.push(`${id} is lost`);

  const before = small.steps.length;
  await small.sweep();
  if (small.steps.length > before) wrong.push('a sweep after everything is done did something');
  return { wrong, steps: small.steps };
}

/** Every placement of up to `depth` failures; each step of a run is failed in each of its ways. */
async function explore(
  scenario: Omit<Scenario, 'failures'>,
  depth: number,
  failures: ReadonlyMap<number, Failure> = new Map(),
): Promise<{ readonly runs: number; readonly wrong: readonly string[] }> {
  const { wrong, steps } = await play({ ...scenario, failures });
  const found = wrong.map((what) => `${what} (${JSON.stringify([...failures])})`);
  if (depth === 0) return { runs: 1, wrong: found };

  let runs = 1;
  const first = Math.max(-1, ...failures.keys()) + 1;
  for (const [index, step] of steps.entries()) {
    if (index < first) continue;
    for (const failure of failuresOf(step)) {
      const deeper = await explore(scenario, depth - 1, new Map([...failures, [index, failure]]));
      runs += deeper.runs;
      found.push(...deeper.wrong);
    }
  }
  return { runs, wrong: found };
}

describe.each<Stream>(['comes again after a failure', 'loses what failed'])(
  'outbox, on a stream that %s',
  (stream) => {
    it('loses no event, names none falsely, and keeps each aggregate in order', async () => {
      const { runs, wrong } = await explore({ stream }, 2);
      expect(wrong).toEqual([]);
      expect(runs).toBeGreaterThan(300);
    });

    it('convicts a relay that writes its ledger before it sends', async () => {
      const ledgerFirst = (options: HandOnOptions) => {
        const real = handOn(options);
        return async (entries: Parameters<typeof real>[0]) => {
          const sent = entries.map(({ item }) => String(item['sk']));
          const ledger = { id: events[0]?.id ?? '', bucket: bucketOf(events[0]?.id ?? '') };
          await options.store.write(
            ledgerWrite('outbox', {
              ...ledger,
              sent,
              parked: [],
              by: 'relay',
              expiresAtMs: startMs * 2,
            }),
          );
          return real(entries);
        };
      };
      const { wrong } = await explore({ stream, handingOn: ledgerFirst }, 1);
      expect(wrong.join('\n')).toContain('is ledgered, and neither sent nor parked');
      if (stream === 'loses what failed') expect(wrong.join('\n')).toContain('is lost');
    });

    it('convicts a relay that does not look at what the queue answers for each message', async () => {
      const deaf = (options: HandOnOptions) =>
        handOn({
          ...options,
          queues: {
            send: async (queue, messages) => {
              await options.queues.send(queue, messages);
              return messages.map(({ id }) => ({ id, sent: true }));
            },
          },
        });
      const { wrong } = await explore({ stream, handingOn: deaf }, 1);
      expect(wrong.join('\n')).toContain('is lost');
    });

    it('convicts a relay that goes on with an aggregate after a failure', async () => {
      const hasty = (options: HandOnOptions) => {
        const real = handOn(options);
        return async (entries: Parameters<typeof real>[0]) => {
          const each = [];
          for (const entry of entries) each.push(await real([entry]));
          return each.flat();
        };
      };
      const { wrong } = await explore({ stream, handingOn: hasty }, 1);
      expect(wrong.join('\n')).toContain('was overtaken');
    });
  },
);
