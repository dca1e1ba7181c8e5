/**
 * A parked dead letter and what may become of it:
 *
 *   parked → replaying → replayed       and from the last two parked again, when the replay failed
 *   parked → discarded
 *
 * Every change is a function of the letter as it was read; stores apply it only to that version.
 * `replays` counts how often the letter was taken for a replay, and travels with each message that
 * is sent for it. So a letter that arrives says which of its sendings failed, and one of an earlier
 * sending than the last cannot undo what was done about it since.
 */

import type { Item } from '../state/items.ts';

export const letterStates = ['parked', 'replaying', 'replayed', 'discarded'] as const;

export type LetterState = (typeof letterStates)[number];

/** What is known of the event in a letter. */
export interface LetterEvent {
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  readonly occurredAtMs: number;
}

/** One time that a message was given up. */
export interface Parking {
  /** The queue's own name for the message. */
  readonly messageId: string;
  readonly cause: string;
  readonly parkedAtMs: number;
  /** The replay that took the letter after it: of its sending came the next parking. */
  readonly replayId?: string;
}

export interface Letter {
  readonly queue: string;
  /** The event's id, or the message's where no event can be read. */
  readonly id: string;
  readonly state: LetterState;
  /** Grows with each change. */
  readonly version: number;
  readonly cause: string;
  readonly error?: string;
  readonly attempt?: number;
  readonly messageId: string;
  readonly traceparent?: string;
  /** Absent where no event can be read. */
  readonly event?: LetterEvent;
  /** The message as it was first given up, and as it is replayed. Absent for what never was a message. */
  readonly body?: string;
  /** What the last sending had in place of `body`, where it failed. Absent too where no item holds both. */
  readonly edited?: string;
  /** The outbox item of an event that came to no queue. */
  readonly stored?: Item;
  readonly parkedAtMs: number;
  readonly firstParkedAtMs: number;
  /** Times that it was parked, this one included. */
  readonly parkings: number;
  /** Times that it was taken for a replay. */
  readonly replays: number;
  /** The last replay that took it; `refused` is why its queue would not have it. */
  readonly replay?: { readonly id: string; readonly atMs: number; readonly refused?: string };
  /** The replays before that one, the latest ones. */
  readonly earlierReplays: readonly string[];
  readonly discarded?: { readonly by: string; readonly reason: string; readonly atMs: number };
  /** Earlier parkings, the latest ones. */
  readonly history: readonly Parking[];
  readonly expiresAtMs: number;
}

/** A letter as it comes out of a dead-letter queue. */
export type Arrival = Pick<
  Letter,
  | 'queue'
  | 'id'
  | 'cause'
  | 'error'
  | 'attempt'
  | 'messageId'
  | 'traceparent'
  | 'event'
  | 'body'
  | 'replays'
>;

/** Of what went before: parkings, and replays. */
export const mostKept = 10;
