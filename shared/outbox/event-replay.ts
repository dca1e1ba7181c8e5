/** A replay of stored events: which, how far it is, and the only code that knows its item. */
import { type Address, type Item, toTtl, type Value, type Write } from '../state/items.ts';
import type { DomainEvent } from './event.ts';
import type { ReplayFilter } from './replay.ts';
import type { ReplayPosition } from './replay-page.ts';

export interface EventReplayProgress {
  /** Events that fit. */
  readonly matched: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly sent: number;
  readonly failed: number;
  /** Why events could not be sent, each with its number. */
  readonly because: Readonly<Record<string, number>>;
}

export interface EventReplay {
  readonly id: string;
  readonly version: number;
  readonly state: 'running' | 'done';
  /** Counts what it would send. */
  readonly dryRun: boolean;
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly finishedAtMs?: number;
  /** The step that comes next, from 1, and where it begins. */
  readonly step: number;
  readonly position: ReplayPosition;
  readonly progress: EventReplayProgress;
  readonly expiresAtMs: number;
}

export const noEventYet: EventReplayProgress = {
  matched: 0,
  byType: {},
  sent: 0,
  failed: 0,
  because: {},
};

/** What became of an event; `counted` in a dry run. */
export type ReplayedEvent = { readonly event: DomainEvent } & (
  | { readonly how: 'sent' | 'counted' }
  | { readonly how: 'failed'; readonly because: string }
);

export function afterEvents(
  before: EventReplayProgress,
  events: readonly ReplayedEvent[],
): EventReplayProgress {
  const count = (how: ReplayedEvent['how']) => events.filter((each) => each.how === how).length;
  return {
    matched: before.matched + events.length,
    byType: tallied(
      before.byType,
      events.map(({ event }) => event.type),
    ),
    sent: before.sent + count('sent'),
    failed: before.failed + count('failed'),
    because: tallied(
      before.because,
      events.flatMap((each) => (each.how === 'failed' ? [each.because] : [])),
    ),
  };
}

function tallied(before: Readonly<Record<string, number>>, names: readonly string[]) {
  const tally = new Map(Object.entries(before));
  for (const name of names) tally.set(name, (tally.get(name) ?? 0) + 1);
  return Object.fromEntries(tally);
}

export const eventReplayAddress = (table: string, id: string): Address => ({
  table,
  key: { pk: `event-replays#${id}`, sk: id },
});

/** Whether it may be written is for its caller to condition. */
export function eventReplayWrite(table: string, { id, ...fields }: EventReplay): Write {
  const text = JSON.parse(JSON.stringify(fields)) as Readonly<Record<string, Value>>;
  return {
    put: { kind: 'event-replay', ...text, ttl: toTtl(fields.expiresAtMs) },
    at: eventReplayAddress(table, id),
  };
}

/** Undefined for one that has lapsed. */
export function readEventReplay(item: Item | undefined, nowMs: number): EventReplay | undefined {
  if (!item) return undefined;
  const { pk, sk, kind, ttl: _, ...fields } = item;
  if (kind !== 'event-replay' || typeof sk !== 'string')
    throw new TypeError(`item ${String(pk)} ${String(sk)} is no replay of events`);
  const { expiresAtMs } = fields;
  if (typeof expiresAtMs !== 'number' || expiresAtMs <= nowMs) return undefined;
  return { ...fields, id: sk } as unknown as EventReplay;
}
