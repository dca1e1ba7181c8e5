/** What the errors of the libraries and stores below mean to a caller. One row each. */
import { Problem, type ProblemOptions } from '#shared/http/problem.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import {
  ContentionError,
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
} from '#shared/idempotency/errors.ts';
import { LimitsUnavailableError } from '#shared/rate-limit/errors.ts';
import { KeyringLimitedError, SecretUnavailableError } from '#shared/secrets/keyring.ts';

interface Row {
  readonly is: (error: Error) => boolean;
  readonly slug: ProblemSlug;
  readonly options: ProblemOptions;
}

const soon = { retryAfterMs: 1_000 };

const rows: readonly Row[] = [
  {
    is: (error) => error instanceof KeyReusedError,
    slug: 'idempotency-key-reused',
    options: { detail: 'Send a fresh key with this request.' },
  },
  {
    is: (error) => error instanceof InProgressError,
    slug: 'request-in-progress',
    options: { detail: 'Send it again, under the same key, to get its answer.' },
  },
  {
    is: (error) => error instanceof OutcomeUnknownError,
    slug: 'dependency-unavailable',
    options: { ...soon, detail: 'It may have been done: send it again under the same key.' },
  },
  {
    is: (error) => error instanceof ContentionError,
    slug: 'dependency-unavailable',
    options: { ...soon, detail: 'Others changed the same records; nothing was done.' },
  },
  {
    is: (error) =>
      error instanceof SecretUnavailableError ||
      error instanceof LimitsUnavailableError ||
      error instanceof KeyringLimitedError ||
      isOutage(error),
    slug: 'dependency-unavailable',
    options: soon,
  },
];

/** Undefined for an error that nobody foresaw. */
export function toProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const row = rows.find(({ is }) => is(error));
  if (!row) return undefined;
  const retryAfterMs =
    error instanceof KeyringLimitedError ||
    error instanceof InProgressError ||
    error instanceof LimitsUnavailableError
      ? error.retryAfterMs
      : row.options.retryAfterMs;
  return new Problem(row.slug, {
    ...row.options,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  });
}

/** An AWS client's error that says: not now. No answer at all, an answer from 500, or throttled. */
function isOutage(error: Error): boolean {
  if (!('$metadata' in error) || error.name === 'AbortError') return false;
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
  return (
    httpStatusCode === undefined ||
    httpStatusCode >= 500 ||
    httpStatusCode === 429 ||
    /Throttl|ThroughputExceeded|RequestLimitExceeded/.test(error.name)
  );
}
