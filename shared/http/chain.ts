/** The way of a request through the edge. */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { assertRemaining } from '../deadline/deadline.ts';
import { type AuthenticateOptions, authenticate } from './authenticate.ts';
import type { Answer, Call } from './call.ts';
import { type DeadlineOptions, deadline } from './deadline.ts';
import type { Exchange, Input, Member } from './exchange.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { type IfMatchOptions, ifMatch } from './if-match.ts';
import { type LimitsOptions, limits } from './limits.ts';
import { type ObserveOptions, observe } from './observe.ts';
import { type ProblemsOptions, problems } from './problems.ts';
import { type RateLimitOptions, rateLimit } from './rate-limit.ts';
import type { Result } from './result.ts';
import { type ShedOptions, shed } from './shed.ts';
import { type Schemas, validate } from './validate.ts';

export interface ChainOptions
  extends ObserveOptions,
    ProblemsOptions,
    LimitsOptions,
    DeadlineOptions,
    AuthenticateOptions,
    ShedOptions,
    RateLimitOptions,
    IfMatchOptions {
  readonly method: string;
  readonly contract: Schemas;
}

/**
 * The members, outermost first. The order is a decision: every exit is observed and a problem;
 * nothing is parsed before its size is known; nothing is done for a caller who is not known; what
 * the service has no room for is turned away before any store is touched; a refused request uses up no
 * idempotency key.
 */
export const members = (options: ChainOptions): Member[] => [
  observe(options),
  problems(options),
  limits(options),
  deadline(options),
  authenticate(options),
  shed(options),
  rateLimit(options),
  validate(options.contract),
  ifMatch(options),
  idempotencyKey(options),
];

export type EdgeHandler = (event: GatewayEvent, context: Context) => Promise<Result>;

/**
 * A Lambda handler for one route. `answer` only sees requests that every member let through.
 *
 * It must end by the call's deadline of its own accord. Nothing here answers in its place: a commit
 * that is under way would go on behind the answer.
 */
export const chain = <I>(
  options: ChainOptions,
  answer: (call: Call<I>) => Promise<Answer>,
): EdgeHandler =>
  middy({ timeoutEarlyInMillis: 0 })
    .use(members(options))
    .before((request) => {
      request.event = toCall(request.internal['exchange'] as Exchange);
    })
    .handler((call) => answer(call as Call<I>)) as EdgeHandler;

/** @throws DeadlineExceededError when the time is up before the work begins. */
function toCall({
  arrival,
  caller,
  input,
  deadline,
  ifMatch,
  idempotencyKey,
  delaySeconds = 0,
}: Exchange): Call<Input> {
  if (!caller || !input || !deadline) throw new Error('the chain lacks a member');
  assertRemaining(deadline, 1, 'begin');
  return { ...arrival, caller, input, deadline, ifMatch, idempotencyKey, delaySeconds };
}
