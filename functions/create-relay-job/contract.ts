import type { RouteContract } from '../contract.ts';
import { relayJobView, relayPayload } from '../domain/relay-job.ts';

export const contract = {
  summary: 'Have a message handed on',
  description:
    "The job is accepted if its tenant's share of the relay's queue has a place for it, which it keeps until it is delivered, failed or parked; it is handed on later. Where it is read says how it went.",
  body: relayPayload.meta({ id: 'NewRelayJob' }),
  answer: {
    status: 202,
    description: 'The job as it was accepted. A repeated request gets the same answer.',
    body: relayJobView,
    headers: { location: 'Where the job is read.', etag: 'Its version.' },
  },
  problems: ['request-in-progress', 'relay-full'],
  example: { role: 'user', body: { channel: 'news', body: 'The harbour opens at seven.' } },
} as const satisfies RouteContract;
