/** The real chain around a route of the test's own, with a keyring in memory, and what came of it. */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { wholeNumber } from '#functions/whole-number.ts';
import { signToken, type TokenKey, verifyToken } from '#shared/auth/token.ts';
import type { Answer, Call, Caller } from '#shared/http/call.ts';
import { type ChainOptions, chain } from '#shared/http/chain.ts';
import type { GatewayEvent } from '#shared/http/gateway-event.ts';
import type { Exit } from '#shared/http/observe.ts';
import type { Failure } from '#shared/http/problems.ts';
import type { Limit } from '#shared/http/rate-limit.ts';
import { keyring } from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';

export const signingKey: TokenKey = { id: 'version-1', value: 'signing-key-'.padEnd(32, '.') };

export const order = {
  body: z.strictObject({
    lines: z.array(z.strictObject({ itemId: z.string().min(1), quantity: z.int().min(1) })).min(1),
    address: z.string(),
  }),
  path: z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/) }).partial(),
  query: z.strictObject({ limit: wholeNumber({ most: 100 }).optional() }),
};

export const validBody = { lines: [{ itemId: 'tea', quantity: 2 }], address: 'Somewhere 1' };

export const bearer = async (
  caller: Partial<Caller> = {},
  expiresInMs = 60_000,
  key = signingKey,
) =>
  `Bearer ${await signToken(
    { tenant: 'acme', user: 'u1', role: 'user', ...caller } as Parameters<typeof signToken>[0],
    { key, expiresInMs },
  )}`;

/** The headers of a valid mutating request. */
export const validHeaders = async (): Promise<Record<string, string>> => ({
  authorization: await bearer(),
  'content-type': 'application/json',
  'idempotency-key': 'k-1',
});

/** `headers` complete the valid ones; undefined takes one out. */
export async function validEvent({
  headers = {},
  ...event
}: Omit<GatewayEvent, 'headers'> & {
  readonly headers?: Readonly<Record<string, string | undefined>>;
} = {}): Promise<GatewayEvent> {
  const all = Object.entries({ ...(await validHeaders()), ...headers });
  return {
    httpMethod: 'POST',
    path: '/orders',
    body: JSON.stringify(validBody),
    headers: Object.fromEntries(all.filter(([, text]) => text !== undefined)),
    ...event,
  };
}

/** Lets everybody in, and says nothing. */
export const unlimited: Limit = {
  admit: async () => ({ headers: {} }),
  charge: async () => ({ headers: {} }),
};

export interface EdgeOptions extends Partial<ChainOptions> {
  readonly answer?: (call: Call) => Promise<Answer>;
  readonly remainingMs?: number;
}

export function edge({
  answer = async () => ({ status: 201, body: { id: 'o-1' } }),
  remainingMs = 10_000,
  ...options
}: EdgeOptions = {}) {
  const exits: Exit[] = [];
  const faults: { readonly error: unknown; readonly failure: Failure }[] = [];
  const calls: Call[] = [];
  const keys = memorySource(signingKey);
  const ring = keyring({ source: keys, subject: 'token-signing' });
  const handler = chain<unknown>(
    {
      route: 'create-order',
      method: 'POST',
      budgetMs: 5_000,
      contract: order,
      access: {
        roles: ['user', 'admin', 'service'],
        verify: (token) => verifyToken(token, ring),
      },
      onExit: (exit) => void exits.push(exit),
      onFault: (error, failure) => void faults.push({ error, failure }),
      ...options,
    },
    (call) => {
      calls.push(call);
      return answer(call);
    },
  );
  const context = { getRemainingTimeInMillis: () => remainingMs } as Context;

  return {
    exits,
    faults,
    calls,
    keys,
    async send(event: GatewayEvent) {
      const { statusCode, headers, body } = await handler(event, context);
      return { status: statusCode, headers, body: body === '' ? undefined : JSON.parse(body) };
    },
  };
}
