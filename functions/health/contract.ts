import * as z from 'zod';
import type { RouteContract } from '../contract.ts';

export const contract = {
  summary: 'Whether the service answers',
  description:
    'That the gateway reaches a function, and that the function starts. No store and no dependency is asked: a balancer must not take the service out of turn because something behind it is slow.',
  answer: {
    status: 200,
    description: 'The service answers.',
    body: z
      .strictObject({
        status: z.literal('ok'),
        stage: z.string().meta({ description: 'Where this is deployed.' }),
      })
      .meta({ id: 'Health' }),
  },
  problems: [],
  example: { role: 'anonymous' },
} as const satisfies RouteContract;
