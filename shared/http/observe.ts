import type { Answer } from './call.ts';
import type { Asked, EdgeRequest, Member } from './exchange.ts';
import { readArrival } from './gateway-event.ts';
import type { ProblemSlug } from './problem-types.ts';
import { toResult } from './result.ts';

export interface Exit extends Asked {
  readonly status: number;
  readonly durationMs: number;
  readonly problemSlug: ProblemSlug | undefined;
}

export interface ObserveOptions {
  readonly route: string;
  /** Called once for every answer, whoever made it. Must not throw: the answer stands already. */
  readonly onExit: (exit: Exit) => Promise<void> | void;
  /** A clock that only moves forward, in milliseconds. */
  readonly elapsedMs?: () => number;
}

/** Opens the exchange, and makes of every answer API Gateway's form and one record. */
export function observe({
  route,
  onExit,
  elapsedMs = () => performance.now(),
}: ObserveOptions): Member {
  async function leave(request: EdgeRequest): Promise<void> {
    const answer = request.response as Answer;
    const { arrival, startedAtMs, caller, problemSlug, headers } = request.internal.exchange;
    request.response = toResult({ ...answer, headers: { ...headers, ...answer.headers } }, arrival);
    const durationMs = elapsedMs() - startedAtMs;
    await onExit({ arrival, caller, status: answer.status, durationMs, problemSlug });
  }
  return {
    name: 'observe',
    before: ({ event, internal }) => {
      internal.exchange = { arrival: readArrival(event, route), startedAtMs: elapsedMs() };
    },
    after: leave,
    onError: leave,
  };
}
