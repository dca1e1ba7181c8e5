/** What the chain's members share of one request: each reads what those before it have filled in. */
import type { Request } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Deadline } from '../deadline/deadline.ts';
import type { Answer, Arrival, Caller } from './call.ts';
import type { GatewayEvent } from './gateway-event.ts';
import type { Fault } from './problem.ts';
import type { ProblemSlug } from './problem-types.ts';
import type { Result } from './result.ts';

export interface Input {
  readonly body: unknown;
  readonly query: unknown;
  readonly path: unknown;
}

export interface Exchange {
  readonly arrival: Arrival;
  readonly startedAtMs: number;
  deadline?: Deadline;
  /** The caller's own limit is the shortest, so that running out of time is no fault of ours. */
  deadlineIsCallers?: boolean;
  caller?: Caller;
  /** The answer waits for it: a violation that is being recorded. */
  recording?: Promise<void>;
  /** Whole seconds by which the work is put off that the call leaves behind. Absent: none. */
  delaySeconds?: number;
  /** Found before the limits have counted the call, and told after it. */
  faults?: readonly Fault[];
  input?: Input;
  ifMatch?: number;
  idempotencyKey?: string;
  problemSlug?: ProblemSlug;
  /** The limits of the caller have counted the call. */
  isCounted?: boolean;
  /** What the answer is to say besides, whatever it will be. */
  headers?: Readonly<Record<string, string>>;
}

/** Who asks for what, as far as it is known. */
export interface Asked {
  readonly arrival: Arrival;
  /** Absent until the caller is authenticated. */
  readonly caller: Caller | undefined;
}

export type EdgeRequest = Request<
  GatewayEvent,
  Answer | Result,
  unknown,
  Context,
  { exchange: Exchange }
>;

type Hook = (request: EdgeRequest) => Promise<void> | void;

/** A member of the chain. It ends a request by throwing, never by returning something. */
export interface Member {
  readonly name: string;
  readonly before?: Hook;
  readonly after?: Hook;
  readonly onError?: Hook;
}
