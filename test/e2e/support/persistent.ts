import { expect } from 'vitest';
import type { Received, Send } from './caller.ts';
import { eventually } from './eventually.ts';

/** Sends again under one key, as a good client does, until the answer says something of the request. */
export function persistently<Body = Record<string, unknown>>(
  send: Send,
  method: string,
  path: string,
  { body, key = crypto.randomUUID() }: { readonly body?: unknown; readonly key?: string } = {},
): Promise<Received<Body>> {
  return eventually(async () => {
    const answer = await send<Body>(method, path, { ...(body !== undefined && { body }), key });
    expect([429, 500, 502, 503, 504]).not.toContain(answer.status);
    return answer;
  }, 60_000);
}
