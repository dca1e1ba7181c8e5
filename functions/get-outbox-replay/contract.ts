import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { eventReplayView } from '../domain/event-replay-view.ts';

export const contract = {
  summary: 'Read the progress of a replay of stored events',
  path: z.strictObject({ id: z.uuid().toLowerCase() }),
  answer: { status: 200, description: 'The replay as it stands.', body: eventReplayView },
  problems: [],
  example: { role: 'service', path: { id: '0197a000-0000-7000-8000-0000000d1004' } },
} as const satisfies RouteContract;
