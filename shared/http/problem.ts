/** Problem details for HTTP (RFC 9457): the one form in which a request is refused. */
import type { Answer } from './call.ts';
import { type ProblemSlug, problemPath, problemTypes } from './problem-types.ts';

export interface ProblemOptions {
  /** What is wrong with this very request, for the caller's eyes. */
  readonly detail?: string;
  /** For the log only. */
  readonly cause?: unknown;
  /** Sent as whole seconds, rounded up. Infinity sends nothing: waiting does not help. */
  readonly retryAfterMs?: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body. RFC 9457's own win over them. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One thing wrong with a request, and where: in the body, or in a parameter of query, path or headers. */
export type Fault = {
  readonly detail: string;
} & (
  | { /** RFC 6901; empty: the whole body. */ readonly pointer: string }
  | { readonly parameter: string }
  | { readonly header: string }
);

/** Thrown anywhere below the edge, it ends the request. */
export class Problem extends Error {
  override name = 'Problem';
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(slug: ProblemSlug, options: ProblemOptions = {}) {
    const { detail, cause } = options;
    super(detail ?? problemTypes[slug].title, cause === undefined ? undefined : { cause });
    this.slug = slug;
    this.status = problemTypes[slug].status;
    this.options = options;
  }
}

/** The `invalid-request` that names what is wrong. */
export const invalidRequest = (errors: readonly Fault[], detail?: string): Problem =>
  new Problem('invalid-request', {
    detail: detail ?? 'See errors.',
    extensions: { errors },
  });

export function toAnswer({ slug, options }: Problem, requestId: string): Answer {
  const { detail, retryAfterMs, headers, extensions } = options;
  const { status, title } = problemTypes[slug];
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(Number.isFinite(retryAfterMs) ? { 'retry-after': toDeltaSeconds(retryAfterMs) } : {}),
      ...headers,
    },
    body: {
      ...extensions,
      type: problemPath(slug),
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
      instance: requestId,
    },
  };
}

const toDeltaSeconds = (ms = 0): string => String(Math.max(0, Math.ceil(ms / 1000)));
