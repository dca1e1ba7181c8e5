import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { relayJobId, relayJobView } from '../domain/relay-job.ts';

export const contract = {
  summary: 'Read a job of the relay',
  description: "A user reads their own jobs, an admin or service every one of the tenant's.",
  path: z.strictObject({ id: relayJobId }),
  answer: {
    status: 200,
    description: 'The job as it stands.',
    body: relayJobView,
    headers: { etag: 'Its version.' },
  },
  problems: [],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000c001' } },
} as const satisfies RouteContract;
