/** What callers hear when the lines of an order are refused. */
import { Problem } from '#shared/http/problem.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import type { LinesRefusal } from './domain/ordering.ts';

const problemOf = {
  'unknown-items': { slug: 'item-unknown', detail: 'is no item of this tenant' },
  'mixed-currencies': {
    slug: 'currency-mixed',
    detail: 'is not priced in the currency of the first line',
  },
} as const satisfies Record<LinesRefusal['because'], { slug: ProblemSlug; detail: string }>;

export function linesProblem({ because, lines }: LinesRefusal): Problem {
  const { slug, detail } = problemOf[because];
  const errors = lines.map((line) => ({ pointer: `/lines/${line}/itemId`, detail }));
  return new Problem(slug, { extensions: { errors } });
}
