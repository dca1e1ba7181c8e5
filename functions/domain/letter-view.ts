/** Dead letters and their replays, as operators see them. */
import * as z from 'zod';
import { type Letter, letterStates } from '#shared/parking/letter.ts';
import type { Replay } from '#shared/parking/replay.ts';
import { letterQueueNamed, letterQueueSlug, letterQueues } from '../tables/letters.ts';

const slugs = letterQueues.map(letterQueueSlug);

/** A queue in a path, by its slug; inside it has its own name. */
export const letterQueuePath = z
  .enum(slugs as [string, ...string[]])
  .meta({ description: 'The queue, with `-` for `:`; `outbox` for events that came to none.' });

/** @throws RangeError for a slug that the schema would not have let in. */
export function queueOfSlug(slug: string) {
  const queue = letterQueueNamed(slug);
  if (!queue) throw new RangeError(`no queue is called '${slug}'`);
  return queue;
}

export const letterId = z
  .string()
  .regex(/^[\w.-]{1,100}$/, { error: 'must be 1 to 100 letters, digits, _, . or -' })
  .meta({ description: "The event's id; the message's, where no event can be read." });

export const letterState = z.enum(letterStates).meta({
  description:
    'parked: waits for somebody. replaying: a replay has it in hand. replayed: its message is in its queue again.',
});

const instant = z.iso.datetime();

export const letterView = z
  .strictObject({
    queue: z.string(),
    id: letterId,
    state: letterState,
    cause: z.string().meta({ description: '`unknown`: its worker crashed or timed out on it.' }),
    error: z.string().exactOptional().meta({ description: 'The name of the last error.' }),
    attempt: z.int().exactOptional().meta({ description: 'The receive that it was given up on.' }),
    tenant: z.string().exactOptional(),
    eventId: z.string().exactOptional(),
    eventType: z.string().exactOptional(),
    occurredAt: instant.exactOptional(),
    parkedAt: instant,
    firstParkedAt: instant,
    parkings: z.int().meta({ description: 'Times that it was parked.' }),
    replays: z.int().meta({ description: 'Times that it was taken for a replay.' }),
    replayId: z.string().exactOptional().meta({ description: 'The last replay that took it.' }),
    expiresAt: instant,
  })
  .meta({ id: 'DeadLetter' });

const iso = (ms: number): string => new Date(ms).toISOString();

export const toLetterView = (letter: Letter): z.infer<typeof letterView> => ({
  queue: letterQueueSlug(letter.queue),
  id: letter.id,
  state: letter.state,
  cause: letter.cause,
  ...(letter.error !== undefined && { error: letter.error }),
  ...(letter.attempt !== undefined && { attempt: letter.attempt }),
  ...(letter.event && {
    tenant: letter.event.tenant,
    eventId: letter.event.id,
    eventType: letter.event.type,
    occurredAt: iso(letter.event.occurredAtMs),
  }),
  parkedAt: iso(letter.parkedAtMs),
  firstParkedAt: iso(letter.firstParkedAtMs),
  parkings: letter.parkings,
  replays: letter.replays,
  ...(letter.replay && { replayId: letter.replay.id }),
  expiresAt: iso(letter.expiresAtMs),
});

export const wholeLetterView = letterView
  .extend({
    messageId: z.string(),
    traceparent: z.string().exactOptional(),
    body: z.string().exactOptional().meta({
      description:
        'As it was first given up, and as it is replayed; for `outbox` the item as it stood there.',
    }),
    edited: z
      .string()
      .exactOptional()
      .meta({ description: 'What its last replay sent in place of the body, and failed.' }),
    refused: z
      .string()
      .exactOptional()
      .meta({ description: 'Why its queue did not take its replay.' }),
    discarded: z.strictObject({ by: z.string(), reason: z.string(), at: instant }).exactOptional(),
    history: z
      .array(
        z.strictObject({
          messageId: z.string(),
          cause: z.string(),
          parkedAt: instant,
          replayId: z.string().exactOptional(),
        }),
      )
      .meta({
        description: 'Earlier parkings, each with the replay that took the letter after it.',
      }),
  })
  .meta({ id: 'WholeDeadLetter' });

export const toWholeLetterView = (letter: Letter): z.infer<typeof wholeLetterView> => {
  const { messageId, traceparent, edited, stored, replay, discarded, history } = letter;
  const body = letter.body ?? (stored && JSON.stringify(stored));
  return {
    ...toLetterView(letter),
    messageId,
    ...(traceparent !== undefined && { traceparent }),
    ...(body !== undefined && { body }),
    ...(edited !== undefined && { edited }),
    ...(replay?.refused !== undefined && { refused: replay.refused }),
    ...(discarded && {
      discarded: { by: discarded.by, reason: discarded.reason, at: iso(discarded.atMs) },
    }),
    history: history.map(({ parkedAtMs, ...parking }) => ({
      ...parking,
      parkedAt: iso(parkedAtMs),
    })),
  };
};

export const replayView = z
  .strictObject({
    id: z.string(),
    queue: z.string(),
    state: z.enum(['planned', 'running', 'done']).meta({
      description:
        'planned: a dry run; its numbers say what a replay would do now. done: all that goes is in its queue; the last messages arrive over the next 30 s at most, at `ratePerSecond`.',
    }),
    ratePerSecond: z.number(),
    matched: z.int(),
    replayed: z.int(),
    skipped: z.int(),
    failed: z.int(),
    because: z
      .record(z.string(), z.int())
      .meta({ description: 'Why letters were skipped or failed.' }),
    truncated: z
      .boolean()
      .exactOptional()
      .meta({ description: 'A dry run that did not count all.' }),
    edited: z
      .string()
      .exactOptional()
      .meta({ description: 'The letter that goes with another body.' }),
    requestedBy: z.string(),
    requestedAt: instant,
    finishedAt: instant.exactOptional(),
  })
  .meta({ id: 'DeadLetterReplay' });

export const toReplayView = (replay: Replay): z.infer<typeof replayView> => {
  const { id, queue, state, ratePerSecond, progress, truncated, edit, requestedBy } = replay;
  return {
    id,
    queue: letterQueueSlug(queue),
    state,
    ratePerSecond,
    ...progress,
    because: { ...progress.because },
    ...(truncated !== undefined && { truncated }),
    ...(edit && { edited: edit.id }),
    requestedBy,
    requestedAt: iso(replay.requestedAtMs),
    ...(replay.finishedAtMs !== undefined && { finishedAt: iso(replay.finishedAtMs) }),
  };
};
