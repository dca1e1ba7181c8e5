/** The same order in our units of work, each with one limit beside it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { deadline } from '#shared/deadline/deadline.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7, uuidV8Of } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { Address, Item, Write } from '#shared/state/items.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import {
  decideOrder,
  limit,
  type NewOrder,
  type Order,
  RefusedError,
  type Stack,
} from './order.ts';

export interface OurTables extends Readonly<Record<string, string>> {
  readonly domain: string;
  readonly outbox: string;
  readonly state: string;
}

export interface Mode {
  readonly compact: boolean;
  readonly peek: boolean;
}

const dayMs = 86_400_000;

const orderAt = ({ tenant }: NewOrder, id: string): Address => ({
  table: 'domain',
  key: { pk: `${tenant}#order#${id}`, sk: 'order' },
});

function eventOf({ tenant, user }: NewOrder, { id, version }: Order): Write {
  const event: DomainEvent = {
    id: uuidV7(),
    type: 'order.created',
    tenant,
    aggregate: `order/${id}`,
    seq: version,
    occurredAtMs: Date.now(),
    traceparent: toTraceparent(newTrace()),
    correlationId: 'bench',
    data: { orderId: id, userId: user },
  };
  return eventWrite(event, { table: 'outbox', retainMs: 7 * dayMs });
}

const identityOf = ({ tenant, user, key, body }: NewOrder) => ({
  key: unitKey(tenant, user, 'POST /orders', key),
  fingerprint: fingerprint({ method: 'POST', path: '/orders', body }),
});

/** A user's limit, beside the unit of work. */
function limitOf(store: ItemWriter) {
  const policy = {
    store,
    capacity: limit.points,
    refillEveryMs: (limit.seconds * 1_000) / limit.points,
  };
  const bucket = tokenBucket(policy);
  return {
    async take({ tenant, user }: NewOrder): Promise<void> {
      const { allowed } = await bucket.take(`${tenant}#${user}`);
      if (!allowed) throw new RefusedError('rate limited');
    },
    /** In another environment: this one knows nothing of it. */
    useUp: (user: string, points: number) =>
      tokenBucket(policy).take(`acme#${user}`, { cost: Math.min(points, limit.points) }),
  };
}

export function ourStack(
  client: DynamoDBClient,
  tables: OurTables,
  { compact, peek }: Mode,
): Stack {
  const store = dynamoStore({ tables, clients: { once: client, again: client } });
  const { take, useUp } = limitOf(store);
  const unit = unitOfWork({ store, recordsTable: 'state' });

  return {
    useUp,
    async placeOrder(request) {
      await take(request);
      const identity = identityOf(request);
      const id = uuidV8Of(identity.key);
      const at = orderAt(request, id);
      const outcome = await unit.run<Order & Item, 'too many'>(
        {
          ...identity,
          ...(compact ? { entityAt: at } : { retainMs: dayMs }),
          peek,
          deadline: deadline({ inMs: 10_000 }),
          subject: 'bench',
        },
        async () => {
          const order = decideOrder(request, id);
          if (!order) return { refused: 'too many' };
          const put = { user: request.user, ...request.body, ...order };
          return {
            answer: { ...order },
            writes: [{ put, at, when: { absent: true } }, eventOf(request, order)],
          };
        },
      );
      if (outcome.how === 'refused') throw new RefusedError(outcome.refusal);
      return outcome.answer;
    },
  };
}

/**
 * The least that could be: the entity carries its record and its event, in one put. Its table's own
 * stream would be the outbox. Only a measure: see docs/decisions for what it cannot do.
 */
export function lonePut(client: DynamoDBClient, tables: OurTables): Stack {
  const store = dynamoStore({ tables, clients: { once: client, again: client } });
  const { take, useUp } = limitOf(store);

  return {
    useUp,
    async placeOrder(request) {
      await take(request);
      const identity = identityOf(request);
      const id = uuidV8Of(identity.key);
      const order = decideOrder(request, id);
      if (!order) throw new RefusedError('too many');
      const event = { type: 'order.created', aggregate: `order/${id}`, seq: 1 };
      const written = await store.write({
        put: {
          user: request.user,
          ...request.body,
          ...order,
          made: { fingerprint: identity.fingerprint, answer: JSON.stringify(order) },
          event,
        },
        at: orderAt(request, id),
        when: { absent: true },
      });
      if (written.applied) return order;
      const { made } = written.item as { readonly made?: { readonly answer: string } };
      return JSON.parse(made?.answer ?? 'null') as Order;
    },
  };
}
