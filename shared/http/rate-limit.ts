/**
 * Joins limits to HTTP: a call takes its tokens before it is looked at, a refused one is told when
 * to come back, and every answer says where its caller stands. What the limits are is handed in.
 */
import type { Arrival, Caller } from './call.ts';
import type { Asked, Exchange, Member } from './exchange.ts';
import { Problem } from './problem.ts';

export interface Admission {
  /** For the answer, whatever it will be. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly refused?: {
    /** Infinity: waiting does not help. */
    readonly retryAfterMs: number;
    /** Names of the limits that refused, as `RateLimit-Policy` has them. */
    readonly violated: readonly string[];
  };
}

export interface AdmittedCall {
  readonly caller: Caller;
  readonly arrival: Arrival;
  /** What the call has left, in milliseconds. */
  readonly withinMs?: number | undefined;
}

export interface Limit {
  /** Takes the tokens of a call from the limits of its caller, and waits no longer than the call has
   *  left. */
  admit(call: AdmittedCall): Promise<Admission>;
  /** The same for a call that is refused before it was counted. While nobody knows its caller, it
   *  takes one token from the limit of the address. Must not throw: the refusal stands already. What
   *  time the caller gives does not shorten it: else a short one would be a way past the limits. */
  charge(refused: Asked): Promise<Admission>;
}

export interface RateLimitOptions {
  /** Absent: nothing limits the route. */
  readonly limit?: Limit | undefined;
}

export const rateLimit = ({ limit }: RateLimitOptions): Member => ({
  name: 'rate-limit',
  before: async ({ internal: { exchange } }) => {
    if (!limit) return;
    const { arrival, caller } = exchange;
    if (!caller) throw new Error('the chain lacks a member');
    exchange.isCounted = true;
    const withinMs = exchange.deadline?.remainingMs();
    assertAdmitted(exchange, await limit.admit({ arrival, caller, withinMs }));
  },
  onError: async (request) => {
    const { error, internal } = request;
    const { exchange } = internal;
    if (!limit || exchange.isCounted || !isRefusal(error)) return;
    const { arrival, caller } = exchange;
    // A hook of an error must not throw: the answer is made of what stands in the request.
    try {
      assertAdmitted(exchange, await limit.charge({ arrival, caller }), error);
    } catch (limited) {
      request.error = limited as Error;
    }
  },
});

/** @throws Problem `rate-limited` for what is refused. What the answer is to say is kept either way. */
function assertAdmitted(
  exchange: Exchange,
  { headers, refused }: Admission,
  cause?: unknown,
): void {
  exchange.headers = { ...exchange.headers, ...headers };
  if (!refused) return;
  const { retryAfterMs, violated } = refused;
  throw new Problem('rate-limited', {
    detail: `Over the limit of ${violated.join(', ')}.`,
    retryAfterMs,
    extensions: { 'violated-policies': violated },
    cause,
  });
}

/** What a caller can mend costs as much as a call: else it would be a way past every limit. */
const isRefusal = (error: unknown): boolean => error instanceof Problem && error.status < 500;
