/** A request as routes see it, and what they answer. */
import type { TokenRole } from '../auth/token.ts';
import type { Deadline } from '../deadline/deadline.ts';
import type { Trace } from '../telemetry/trace.ts';

/** What is known of a request before anything is checked. */
export interface Arrival {
  readonly route: string;
  readonly requestId: string;
  readonly trace: Trace;
  readonly method: string;
  /** As the caller wrote it, not the route's template. */
  readonly path: string;
  /** Lower-cased names; several fields of one name are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** As the gateway saw it; what a caller says in a header counts for nothing. Undefined: unknown. */
  readonly sourceIp: string | undefined;
}

/** A user of a tenant. On routes for anyone: tenant `public`, user and role `anonymous`. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
  readonly role: TokenRole | 'anonymous';
}

export const anonymous: Caller = { tenant: 'public', user: 'anonymous', role: 'anonymous' };

export interface Call<Input = unknown> extends Arrival {
  readonly caller: Caller;
  /** Body, query and path as the route's contract read them. */
  readonly input: Input;
  /** The version that the caller read; always present on routes that need If-Match, never on others. */
  readonly ifMatch: number | undefined;
  /** Always present on mutating routes, never on others. */
  readonly idempotencyKey: string | undefined;
  readonly deadline: Deadline;
  /** Whole seconds by which the work is put off that the call leaves behind in queues: 0, but under
   *  pressure. */
  readonly delaySeconds: number;
}

export interface Answer {
  readonly status: number;
  /** Lower-case names. They win over the defaults of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: no body. */
  readonly body?: unknown;
}
