import type { RouteContract } from '../contract.ts';
import { eventReplayView, newEventReplay } from '../domain/event-replay-view.ts';

export const contract = {
  summary: 'Replay stored events',
  description:
    'To the queues of their types once more, so many a second; a worker does it step by step, and the replay says how far it is. When it is done the last messages are in their queues, which hold them back for the rate: they arrive over the next 30 s at most. Consumers know an event by its id: what was worked on has no second effect. Events are kept for seven days.',
  body: newEventReplay,
  answer: {
    status: 202,
    description: 'The replay as it begins; with `dryRun` one that only counts.',
    body: eventReplayView,
    headers: { location: 'Where its progress is read.' },
  },
  problems: ['events-not-kept'],
  example: {
    role: 'service',
    body: { from: '2099-01-31T09:00:00Z', to: '2099-01-31T10:00:00Z', dryRun: true },
  },
} as const satisfies RouteContract;
