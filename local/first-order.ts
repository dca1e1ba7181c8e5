/**
 * Places one order as any client would, and waits until its own logs and its own item show that it
 * went all the way: through the gateway, the outbox, both queues and both workers.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { orderAddress } from '#functions/domain/keys.ts';
import { readOrder } from '#functions/domain/order.ts';
import type { FunctionName } from '#functions/tables/functions.ts';
import type { DemoTenant } from '#functions/tables/tiers.ts';
import { formatStory } from '#ops/format.ts';
import type { Line } from '#ops/log-line.ts';
import type { StageLogs } from '#ops/log-reader.ts';
import { readStory, type Story } from '#ops/story.ts';
import type { ItemReader } from '#shared/state/store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import type { demoItems, demoUsers } from './demo-data.ts';

/** Who orders. */
export const firstCustomer = { tenant: 'acme', user: 'u1', role: 'user' } as const satisfies {
  tenant: DemoTenant;
  user: keyof typeof demoUsers;
  role: string;
};

export const firstOrder = {
  lines: [{ itemId: 'book' satisfies keyof typeof demoItems, quantity: 1 }],
  address: '1 Harbour Road, Bristol',
};

/** A hop of an order behind its answer, as a line of the log tells of it. */
interface Milestone {
  readonly name: string;
  readonly by: FunctionName;
  readonly isTold: (fields: Line['fields']) => boolean;
}

const milestones: readonly Milestone[] = [
  {
    name: 'relayed to order:process',
    by: 'outbox-relay',
    isTold: ({ event_type: type }) => type === 'order.created',
  },
  { name: 'processed', by: 'order-process', isTold: ({ outcome }) => outcome === 'done' },
  {
    name: 'relayed to email:send',
    by: 'outbox-relay',
    isTold: ({ event_type: type }) => type === 'order.confirmed',
  },
  { name: 'mailed', by: 'email-send', isTold: ({ outcome }) => outcome === 'done' },
];

export interface Hop {
  readonly name: string;
  readonly by: string;
  /** Since the order was sent. */
  readonly afterMs: number;
}

/** The hops that a story tells of, in the order of the way. */
const hopsIn = ({ lines }: Story, sentAtMs: number): readonly Hop[] =>
  milestones.flatMap(({ name, by, isTold }) => {
    const line = lines.find((one) => one.function === by && isTold(one.fields));
    return line ? [{ name, by, afterMs: line.atMs - sentAtMs }] : [];
  });

export interface FirstOrder {
  readonly id: string;
  readonly traceId: string;
  readonly hops: readonly Hop[];
}

/** It was refused, or did not get to its end in time. The message holds the story so far. */
export class FirstOrderError extends Error {
  override name = 'FirstOrderError';
}

export interface FirstOrderOptions extends StageLogs {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly token: string;
  readonly store: ItemReader;
  readonly signal: AbortSignal;
  readonly withinMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** @throws FirstOrderError */
export async function placeFirstOrder({
  apiUrl,
  apiKey,
  token,
  store,
  logs,
  groups,
  signal,
  withinMs = 15_000,
  fetch = globalThis.fetch,
  now = Date.now,
  sleep = wait,
}: FirstOrderOptions): Promise<FirstOrder> {
  const trace = newTrace();
  const { traceId } = trace;
  const startedAtMs = now();
  const answer = await fetch(`${apiUrl}/orders`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKey,
      authorization: `Bearer ${token}`,
      'idempotency-key': randomUUID(),
      traceparent: toTraceparent(trace),
    },
    body: JSON.stringify(firstOrder),
    signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
  });
  const text = await answer.text();
  const accepted: Hop = { name: 'accepted', by: 'create-order', afterMs: now() - startedAtMs };
  const look = () => readStory({ traceId, logs, groups, sinceMs: startedAtMs - 1_000 });
  if (answer.status !== 201)
    throw new FirstOrderError(
      `the first order was answered ${answer.status}: ${text}\n${formatStory(await look())}`,
    );
  const { id } = JSON.parse(text) as { id: string };

  for (;;) {
    const story = await look();
    const hops = hopsIn(story, startedAtMs);
    const item = await store.read(orderAddress(firstCustomer.tenant, id));
    const status = item && readOrder(item).status;
    if (hops.length === milestones.length && status === 'confirmed')
      return { id, traceId, hops: [accepted, ...hops] };
    signal.throwIfAborted();
    if (now() - startedAtMs > withinMs) {
      const missing = milestones.filter(({ name }) => !hops.some((hop) => hop.name === name));
      throw new FirstOrderError(
        `the first order (${id}, ${status ?? 'not stored'}) was not ${missing.map(({ name }) => name).join(', not ') || 'confirmed'} within ${withinMs / 1000} s. What is known of it:\n${formatStory(story)}`,
      );
    }
    await sleep(50);
  }
}
