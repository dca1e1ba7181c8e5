/** What a route takes and answers: read by its handler, and printed into docs/openapi.yaml. */
import type * as z from 'zod';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import type { Role } from './tables/routes.ts';

/** A request that works as it stands against a freshly seeded demo tenant. */
export interface Example {
  readonly role: Role | 'anonymous';
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RouteContract<Body = unknown, Query = unknown, Path = unknown, Reply = unknown> {
  readonly summary: string;
  readonly description?: string;
  /** Absent: the route takes no body. Objects are strict: an unknown field is refused. */
  readonly body?: z.ZodType<Body>;
  /** Absent: the route takes no query. */
  readonly query?: z.ZodType<Query>;
  /** Absent: there are no parameters in its path. */
  readonly path?: z.ZodType<Path>;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly body: z.ZodType<Reply>;
    /** What 304 means. Absent: the route does not look at If-None-Match. */
    readonly notModified?: string;
    /** What each header of the answer means. */
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Beyond those that every route of its kind has. */
  readonly problems: readonly ProblemSlug[];
  readonly example: Example;
}

type Output<Schema> = Schema extends z.ZodType<infer Value> ? Value : undefined;

/** `Call.input` of a route with this contract. */
export interface InputOf<Contract extends RouteContract> {
  readonly body: Output<Contract['body']>;
  readonly query: Output<Contract['query']>;
  readonly path: Output<Contract['path']>;
}
