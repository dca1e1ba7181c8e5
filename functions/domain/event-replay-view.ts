/** Replays of stored events, as operators ask for them and see them. */
import * as z from 'zod';
import type { EventReplay } from '#shared/outbox/event-replay.ts';
import { bucketMs } from '#shared/outbox/outbox-items.ts';
import { type EventType, eventTypes } from '../tables/events.ts';

const instant = z.iso.datetime();
const tally = z.record(z.string(), z.int());
const dayMs = 86_400_000;

export const newEventReplay = z
  .strictObject({
    from: instant.optional().meta({ description: 'Events from this instant on.' }),
    to: instant.optional().meta({
      description:
        'Up to but not including; at most 24 hours after `from`, or with `aggregate` any time. Events that come after the request are not replayed.',
    }),
    aggregate: z.string().min(1).max(200).optional().meta({
      description:
        'Of one aggregate of `tenant`, such as `order/<id>`. Without `from` and `to`: all that is kept.',
    }),
    tenant: z.string().min(1).max(128).optional(),
    type: z.enum(Object.keys(eventTypes) as [EventType, ...EventType[]]).optional(),
    dryRun: z.boolean().default(false).meta({ description: 'Counts, and sends nothing.' }),
    ratePerSecond: z.number().min(1).max(100).default(10),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    error: 'from and to come together',
  })
  .refine(({ from, aggregate }) => from !== undefined || aggregate !== undefined, {
    error: 'either from and to or aggregate says which events',
  })
  .refine(({ aggregate, tenant }) => aggregate === undefined || tenant !== undefined, {
    error: 'the aggregate of which tenant?',
    path: ['tenant'],
  })
  .refine(({ from, to }) => lengthMs(from, to) > 0, {
    error: 'must be later than from',
    path: ['to'],
  })
  .refine(({ from, to, aggregate }) => aggregate !== undefined || lengthMs(from, to) <= dayMs, {
    error: 'at most 24 hours after from',
    path: ['to'],
  })
  .meta({ id: 'NewOutboxReplay' });

/** A day, where nothing is said that could be wrong. */
const lengthMs = (from: string | undefined, to: string | undefined): number =>
  from === undefined || to === undefined ? dayMs : Date.parse(to) - Date.parse(from);

export const eventReplayView = z
  .strictObject({
    id: z.string(),
    state: z.enum(['running', 'done']),
    dryRun: z.boolean(),
    from: instant,
    to: instant,
    aggregate: z.string().exactOptional(),
    tenant: z.string().exactOptional(),
    type: z.string().exactOptional(),
    ratePerSecond: z.number(),
    readUpTo: instant.meta({ description: 'How much of the time has been looked through.' }),
    matched: z.int().meta({ description: 'Events that fit, so far.' }),
    byType: tally.meta({ description: 'Those, by type.' }),
    sent: z.int().meta({ description: 'To their queues; none in a dry run.' }),
    failed: z.int(),
    because: tally.meta({ description: 'Why events could not be sent.' }),
    requestedBy: z.string(),
    requestedAt: instant,
    finishedAt: instant.exactOptional(),
  })
  .meta({ id: 'OutboxReplay' });

const iso = (ms: number): string => new Date(ms).toISOString();

export function toEventReplayView(replay: EventReplay): z.infer<typeof eventReplayView> {
  const { id, state, dryRun, filter, ratePerSecond, position, progress, requestedBy } = replay;
  const { fromMs, toMs, aggregate, tenant, type } = filter;
  const readMs = Math.min(Math.max(position.bucket * bucketMs, fromMs), toMs);
  return {
    ...{ id, state, dryRun },
    from: iso(fromMs),
    to: iso(toMs),
    ...(aggregate !== undefined && { aggregate }),
    ...(tenant !== undefined && { tenant }),
    ...(type !== undefined && { type }),
    ratePerSecond,
    readUpTo: iso(state === 'done' ? toMs : readMs),
    ...progress,
    byType: { ...progress.byType },
    because: { ...progress.because },
    requestedBy,
    requestedAt: iso(replay.requestedAtMs),
    ...(replay.finishedAtMs !== undefined && { finishedAt: iso(replay.finishedAtMs) }),
  };
}
