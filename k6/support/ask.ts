/** One call of the service, and what of its answer a script looks at. */
import { fail } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import type { Caller } from './callers.ts';

export type Answer = RefinedResponse<'text'>;

export interface Asked {
  /** Its row's name. */
  readonly route: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the requests, besides the route. */
  readonly tags?: Readonly<Record<string, string>>;
}

const apiUrl = __ENV['API_URL'] ?? fail('API_URL is not set');

/** Many may be under way at once: the script goes on meanwhile. */
export const ask = (
  { apiKey, token }: Caller,
  { route, method, path, body, headers = {}, tags = {} }: Asked,
): Promise<Answer> =>
  http.asyncRequest(method, `${apiUrl}${path}`, body === undefined ? null : JSON.stringify(body), {
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKey,
      authorization: `Bearer ${token}`,
      ...headers,
    },
    // By route, not by URL: each thing has its own.
    tags: { ...tags, route, name: route },
    timeout: '20s',
    responseType: 'text',
  });

/** Of a problem; an empty object where the answer is none. */
export function problemOf({ body, headers }: Answer): Readonly<Record<string, unknown>> {
  if (!(headers['Content-Type'] ?? '').startsWith('application/problem+json')) return {};
  return JSON.parse(body ?? '{}');
}

/** Undefined where it is not a whole number of seconds from 1. */
export function retryAfterSeconds({ headers }: Answer): number | undefined {
  const text = headers['Retry-After'] ?? '';
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
