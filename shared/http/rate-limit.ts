/**
 * Joins limits to HTTP: a call takes its tokens before it is looked at, a refused one is told when
 * to come back, and every answer says where its caller stands. What the limits are is handed in.
 */
import type { Arrival, Caller } from './call.ts';
import type { Exchange, Member } from './exchange.ts';
import { Problem } from './problem.ts';
import type { ProblemSlug } from './problem-types.ts';

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

export interface Limit {
  /** Takes the tokens of a call from the limits of its caller. */
  admit(call: { readonly caller: Caller; readonly arrival: Arrival }): Promise<Admission>;
  /** Takes a token for a caller who was not let in, from the limit of the address. Must not throw:
   *  the refusal stands already. */
  charge(arrival: Arrival): Promise<Admission>;
}

export interface RateLimitOptions {
  /** Absent: nothing limits the route. */
  readonly limit?: Limit | undefined;
}

/** Refusals for who a caller is, or is not. Guessing costs as much as calling. */
const refusedAuthentication: ReadonlySet<ProblemSlug> = new Set([
  'unauthenticated',
  'tenant-missing',
  'tenant-mismatch',
  'forbidden',
]);

export const rateLimit = ({ limit }: RateLimitOptions): Member => ({
  name: 'rate-limit',
  before: async ({ internal: { exchange } }) => {
    if (!limit) return;
    const { arrival, caller } = exchange;
    if (!caller) throw new Error('the chain lacks a member');
    exchange.isCounted = true;
    assertAdmitted(exchange, await limit.admit({ arrival, caller }));
  },
  onError: async (request) => {
    const { error, internal } = request;
    const { exchange } = internal;
    if (!limit || exchange.isCounted || !isRefusedAuthentication(error)) return;
    // A hook of an error must not throw: the answer is made of what stands in the request.
    try {
      assertAdmitted(exchange, await limit.charge(exchange.arrival), error);
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

const isRefusedAuthentication = (error: unknown): boolean =>
  error instanceof Problem && refusedAuthentication.has(error.slug);
