/**
 * A caller of the API, who knows a URL, an API key and how to get a token. Each request has a trace
 * of its own; when its test fails, what the functions logged for it is printed beside the failure.
 */
import { inject, onTestFailed } from 'vitest';
import { bearerToken } from '#ops/bearer-token.ts';
import type { TokenRole } from '#shared/auth/token.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { stage } from './stage.ts';
import { storyText } from './story.ts';

export interface Who {
  readonly tenant?: string;
  readonly user?: string;
  readonly role?: TokenRole;
}

export interface Sending {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  /** Idempotency-Key; a fresh one by default, none for null. */
  readonly key?: string | null;
  /** Win over all others; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Received<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly traceId: string;
  /** What was asked, as a `Location` is relative to it. */
  readonly url: string;
}

const tokenLifeMs = 600_000;

export const tokenOf = ({ tenant = 'acme', user = 'u1', role = 'user' }: Who) =>
  bearerToken(stage, { tenant, user, role }, tokenLifeMs);

/** Must be called inside a test. */
export async function callerAs(who: Who = {}) {
  const token = await tokenOf(who);
  const apiKey = inject('apiKeys')[who.tenant ?? 'acme'] ?? '';
  const traceIds: string[] = [];
  onTestFailed(async () => {
    for (const traceId of traceIds.slice(-3)) console.error(await storyText(traceId));
  });

  return async <Body = Record<string, unknown>>(
    method: string,
    path: string,
    { body, text, key = crypto.randomUUID(), headers = {} }: Sending = {},
  ): Promise<Received<Body>> => {
    const trace = newTrace();
    traceIds.push(trace.traceId);
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const all: Record<string, string | undefined> = {
      authorization: `Bearer ${token}`,
      'x-api-key': apiKey,
      traceparent: toTraceparent(trace),
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && key !== null && { 'idempotency-key': `"${key}"` }),
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]);
    const response = await fetch(`${inject('apiUrl')}${path}`, {
      method,
      headers: sent,
      ...(content !== undefined && { body: content }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (answer === '' ? undefined : JSON.parse(answer)) as Body,
      traceId: trace.traceId,
      url: response.url,
    };
  };
}

export type Send = Awaited<ReturnType<typeof callerAs>>;
