import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { violationView } from '../domain/violation.ts';
import { wholeNumber } from '../whole-number.ts';

export const contract = {
  summary: 'List violations of the border between tenants',
  description:
    'Calls that were refused because they named a tenant other than their token, over all tenants, the newest first. A flood of them is listed as a few, each of which says how many it stands for.',
  query: z.strictObject({
    limit: wholeNumber({ most: 100 }).prefault(20).meta({
      description: 'Most violations on a page.',
    }),
    cursor: z.string().max(4_000).optional().meta({
      description: '`next` of the page before.',
    }),
  }),
  answer: {
    status: 200,
    description: 'One page of violations.',
    body: z
      .strictObject({
        violations: z.array(violationView),
        next: z
          .string()
          .meta({ description: 'The `cursor` of the next page. Absent on the last one.' })
          .optional(),
      })
      .meta({ id: 'TenantViolationPage' }),
  },
  problems: ['cursor-invalid'],
  example: { role: 'service', query: { limit: '10' } },
} as const satisfies RouteContract;
