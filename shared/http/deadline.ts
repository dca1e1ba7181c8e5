import { deadline as deadlineIn } from '../deadline/deadline.ts';
import type { AuthenticateOptions } from './authenticate.ts';
import type { Member } from './exchange.ts';
import { invalidRequest } from './problem.ts';

/**
 * How long the caller will wait for the answer, in milliseconds. It can only shorten the route's
 * time. Routes for anyone do not look at it: what nobody answers for must not make requests fail.
 */
export const deadlineHeader = 'x-deadline-ms';

export interface DeadlineOptions extends Pick<AuthenticateOptions, 'access'> {
  /** Longest time for an answer of this route. */
  readonly budgetMs: number;
  /** Kept of the function's remaining time, for the answer to leave. */
  readonly marginMs?: number;
}

/** The least of the route's budget, what the function has left, and what the caller gives. */
export function deadline({ budgetMs, marginMs = 250, access }: DeadlineOptions): Member {
  if (!(budgetMs > 0)) throw new RangeError(`budgetMs must be above 0, got ${budgetMs}`);
  return {
    name: 'deadline',
    before: ({ context, internal: { exchange } }) => {
      const leftMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
      const ownMs = Math.min(budgetMs, leftMs - marginMs);
      const given = access === 'anonymous' ? undefined : exchange.arrival.headers[deadlineHeader];
      const callersMs = readDeadlineMs(given);
      exchange.deadline = deadlineIn({ inMs: Math.min(ownMs, callersMs) });
      exchange.deadlineIsCallers = callersMs < ownMs;
    },
  };
}

function readDeadlineMs(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw invalidRequest([
      { header: deadlineHeader, detail: 'must be a whole number of milliseconds from 1' },
    ]);
  return Number(text);
}
