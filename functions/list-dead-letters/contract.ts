import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { letterQueuePath, letterState, letterView } from '../domain/letter-view.ts';
import { wholeNumber } from '../whole-number.ts';

export const contract = {
  summary: 'List the dead letters of a queue',
  description:
    'By cause, and within a cause by time. Without bodies: those may hold anything. A page may have fewer letters than asked for, or none, and go on all the same: `next` says so.',
  path: z.strictObject({ queue: letterQueuePath }),
  query: z.strictObject({
    cause: z.string().min(1).max(100).optional(),
    tenant: z.string().min(1).max(128).optional(),
    from: z.iso.datetime().optional().meta({ description: 'Parked at this time or later.' }),
    to: z.iso.datetime().optional().meta({ description: 'Parked before this time.' }),
    state: letterState.default('parked'),
    limit: wholeNumber({ most: 100 }).prefault(20).meta({
      description: 'Most letters on a page.',
    }),
    cursor: z.string().max(4_000).optional().meta({
      description: '`next` of the page before, with the same parameters otherwise.',
    }),
  }),
  answer: {
    status: 200,
    description: 'One page of letters.',
    body: z
      .strictObject({
        letters: z.array(letterView),
        next: z
          .string()
          .meta({ description: 'The `cursor` of the next page. Absent on the last one.' })
          .optional(),
      })
      .meta({ id: 'DeadLetterPage' }),
  },
  problems: ['cursor-invalid'],
  example: { role: 'service', path: { queue: 'order-process' }, query: { limit: '10' } },
} as const satisfies RouteContract;
