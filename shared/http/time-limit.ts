import { deadline } from '../deadline/deadline.ts';
import type { Member } from './exchange.ts';
import { invalidRequest } from './problem.ts';

/** How long the caller will wait for the answer, in milliseconds. It can only shorten the route's time. */
export const deadlineHeader = 'x-deadline-ms';

export interface TimeLimitOptions {
  /** Longest time for an answer of this route. */
  readonly budgetMs: number;
  /** Kept of the function's remaining time, for the answer to leave. */
  readonly marginMs?: number;
}

/** The least of the route's budget, what the function has left, and what the caller gives. */
export function timeLimit({ budgetMs, marginMs = 250 }: TimeLimitOptions): Member {
  if (!(budgetMs > 0)) throw new RangeError(`budgetMs must be above 0, got ${budgetMs}`);
  return {
    name: 'deadline',
    before: ({ context, internal }) => {
      const { headers } = internal.exchange.arrival;
      const leftMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
      const inMs = Math.min(budgetMs, leftMs - marginMs, callerWaitsMs(headers[deadlineHeader]));
      internal.exchange.deadline = deadline({ inMs });
    },
  };
}

function callerWaitsMs(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw invalidRequest([
      { header: deadlineHeader, detail: 'must be a whole number of milliseconds from 1' },
    ]);
  return Number(text);
}
