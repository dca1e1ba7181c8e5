/**
 * One limit beside a unit of work: a token bucket as one number, `fullAtMs`, when the bucket is full
 * again (GCRA). A take is one conditional update, of a bucket in use or of one at rest; a wrong guess
 * is told by the item that comes back, and costs a second.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { limit, RefusedError } from './order.ts';

const tokenMs = (limit.seconds * 1_000) / limit.points;

/** A number that memory has seen is trusted for so long: other environments move it on. */
const trustedMs = 1_000;

export const fullAtOf = (points: number, nowMs = Date.now()): number => nowMs + points * tokenMs;

export interface OneLimit {
  /** @throws RefusedError when the bucket is empty; from memory where that is certain. */
  readonly take: (key: string) => Promise<void>;
}

export function oneLimit(client: DynamoDBClient, table: string): OneLimit {
  const seen = new Map<string, { readonly fullAtMs: number; readonly atMs: number }>();

  return {
    async take(key) {
      const nowMs = Date.now();
      const roomUntilMs = nowMs + (limit.points - 1) * tokenMs;
      const last = seen.get(key);
      if (last && nowMs - last.atMs <= trustedMs && last.fullAtMs > roomUntilMs)
        throw new RefusedError('rate limited');
      let inUse = (last?.fullAtMs ?? 0) > nowMs;
      for (let tries = 0; tries < 3; tries++) {
        const fullAtMs = await update(client, table, { key, nowMs, roomUntilMs, inUse });
        seen.set(key, { fullAtMs: Math.abs(fullAtMs), atMs: nowMs });
        if (fullAtMs > 0) return;
        if (-fullAtMs > roomUntilMs) throw new RefusedError('rate limited');
        inUse = -fullAtMs > nowMs;
      }
      throw new Error('no branch of the take held');
    },
  };
}

interface Take {
  readonly key: string;
  readonly nowMs: number;
  readonly roomUntilMs: number;
  readonly inUse: boolean;
}

/** The number after it, or, where the condition failed, minus the number that stands. */
async function update(
  client: DynamoDBClient,
  table: string,
  { key, nowMs, roomUntilMs, inUse }: Take,
): Promise<number> {
  const lapses = Math.ceil((nowMs + limit.seconds * 1_000) / 1_000);
  const request = inUse
    ? {
        UpdateExpression: 'SET fullAtMs = fullAtMs + :cost, #ttl = :ttl',
        ConditionExpression: 'fullAtMs > :now AND fullAtMs <= :room',
        values: { ':cost': tokenMs, ':now': nowMs, ':room': roomUntilMs, ':ttl': lapses },
      }
    : {
        UpdateExpression: 'SET fullAtMs = :next, #ttl = :ttl',
        ConditionExpression: 'attribute_not_exists(fullAtMs) OR fullAtMs <= :now',
        values: { ':next': nowMs + tokenMs, ':now': nowMs, ':ttl': lapses },
      };
  const { values, ...expressions } = request;
  try {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        ...expressions,
        TableName: table,
        Key: marshall({ pk: `limit#${key}` }),
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: marshall(values),
        ReturnValues: 'UPDATED_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return Number(unmarshall(Attributes)['fullAtMs']);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    const { Item } = error as { Item?: Parameters<typeof unmarshall>[0] };
    return -Number(Item ? unmarshall(Item)['fullAtMs'] : 0);
  }
}
