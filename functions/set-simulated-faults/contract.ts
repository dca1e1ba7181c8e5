import * as z from 'zod';
import type { RouteContract } from '../contract.ts';

/** The simulated dependencies whose faults can be set. */
export const simulated = ['email', 'relay-target'] as const;

const faults = z
  .strictObject({
    errorRatio: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'Share of calls that it answers with an error and does nothing.' }),
    latencyMs: z
      .int()
      .min(0)
      .max(30_000)
      .meta({ description: 'Delay before it does anything, in milliseconds.' }),
    hang: z.boolean().meta({ description: 'It never answers, and does nothing.' }),
    reset: z
      .boolean()
      .meta({ description: 'It does its work and breaks the connection before it answers.' }),
  })
  .meta({ id: 'SimulatedFaults' });

export const contract = {
  summary: 'Set the faults of a simulated dependency',
  description:
    'They hold from the next call on, until they are set again. Only stages with simulated dependencies have this route.',
  path: z.strictObject({
    name: z.string().meta({ description: 'The simulated dependency: `email` or `relay-target`.' }),
  }),
  body: faults,
  answer: { status: 200, description: 'The faults as they stand.', body: faults },
  problems: ['not-found'],
  example: {
    role: 'admin',
    path: { name: 'email' },
    body: { errorRatio: 0, latencyMs: 0, hang: false, reset: false },
  },
} as const satisfies RouteContract;
