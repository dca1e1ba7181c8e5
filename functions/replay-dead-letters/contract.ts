import * as z from 'zod';
import { maxEventBytes } from '#shared/outbox/event.ts';
import type { RouteContract } from '../contract.ts';
import { letterId, letterQueuePath, replayView } from '../domain/letter-view.ts';
import { mostNamedLetters } from '../tables/letters.ts';

const instant = z.iso.datetime().optional();

export const newReplay = z
  .strictObject({
    ids: z.array(letterId).min(1).max(mostNamedLetters).optional().meta({
      description: 'These letters. Refused as a whole when one of them cannot be replayed.',
    }),
    filter: z
      .strictObject({
        cause: z.string().min(1).max(100).optional(),
        tenant: z.string().min(1).max(128).optional(),
        from: instant,
        to: instant,
      })
      .optional()
      .meta({
        description:
          'Every letter that all of this fits and that is parked now; `{}` for all of the queue. Those that cannot be replayed are skipped and counted.',
      }),
    dryRun: z.boolean().default(false).meta({ description: 'Only says what would happen.' }),
    ratePerSecond: z.number().min(1).max(100).default(10),
    edit: z
      .strictObject({ id: letterId, body: z.string().min(1).max(maxEventBytes) })
      .optional()
      .meta({
        description:
          'Another body for one of `ids`: the JSON of an event of a type of this queue. It keeps id, tenant and time of the event, so that it still happens once.',
      }),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    error: 'either ids or filter says which letters',
  })
  .refine(({ ids, edit }) => !edit || ids?.includes(edit.id), {
    error: 'ids has to name the letter that is edited',
    path: ['edit', 'id'],
  })
  .meta({ id: 'NewDeadLetterReplay' });

export const contract = {
  summary: 'Replay dead letters',
  description:
    'Back into their queue, so many a second; a worker does it step by step, and the replay says how far it is. When it is done the last messages are in their queue, which holds them back for the rate: they arrive over the next 30 s at most. Consumers know an event by its id: a letter too many does no harm.',
  path: z.strictObject({ queue: letterQueuePath }),
  body: newReplay,
  answer: {
    status: 202,
    description: 'The replay as it begins, or with `dryRun` what it would do.',
    body: replayView,
    headers: { location: 'Where its progress is read.' },
  },
  problems: ['letters-not-replayable', 'letter-edit-invalid'],
  example: {
    role: 'service',
    path: { queue: 'order-process' },
    body: { filter: { cause: 'order-missing' }, dryRun: true },
  },
} as const satisfies RouteContract;
