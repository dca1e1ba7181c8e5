/** An answer in API Gateway's form, with the headers that every answer has. */
import { toTraceparent } from '../telemetry/trace.ts';
import type { Answer, Arrival } from './call.ts';

export interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers are for their caller alone, and are data: no browser is to keep, guess or render them. */
export const everyAnswer = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'age, etag, idempotency-replayed, location, ratelimit, ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after, traceparent, www-authenticate, x-request-id',
} as const;

/** @throws TypeError when the body cannot be JSON. */
export const toResult = (
  { status, headers, body }: Answer,
  { requestId, trace }: Pick<Arrival, 'requestId' | 'trace'>,
): Result => ({
  statusCode: status,
  headers: {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...everyAnswer,
    'x-request-id': requestId,
    traceparent: toTraceparent(trace),
    ...headers,
  },
  body: body === undefined ? '' : JSON.stringify(body),
});
