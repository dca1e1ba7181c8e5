/** What a piece of work asks of DynamoDB: calls, and the units that each is billed. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Price {
  readonly calls: readonly string[];
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Of the write units: billed for calls that failed, which report none (see `billedAnyway`). */
  readonly byFormula: number;
}

export interface Metered<T> {
  readonly price: Price;
  readonly ms: number;
  readonly value?: T;
  readonly error?: unknown;
}

interface Meter {
  calls: string[];
  writeUnits: number;
  readUnits: number;
  byFormula: number;
}

const meters = new AsyncLocalStorage<Meter>();

/** Runs `work` and counts what clients that are `counted` send meanwhile. A throw is an end as well. */
export async function metered<T>(work: () => Promise<T>): Promise<Metered<T>> {
  const price: Meter = { calls: [], writeUnits: 0, readUnits: 0, byFormula: 0 };
  const beganMs = performance.now();
  return meters.run(price, work).then(
    (value) => ({ price, ms: performance.now() - beganMs, value }),
    (error: unknown) => ({ price, ms: performance.now() - beganMs, error }),
  );
}

/**
 * A failed condition is billed like the write it would have been, and neither AWS nor an engine
 * reports it: one unit a started KB of the item that stood there, twice that for each member of a
 * cancelled transaction. Items here are below 1 KB.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-unit-calculations.html
 */
function billedAnyway(error: unknown, members: number): number {
  const { name } = error as Error;
  if (name === 'ConditionalCheckFailedException') return 1;
  if (name === 'TransactionCanceledException') return 2 * members;
  return 0;
}

const reading = /^(Get|BatchGet|TransactGet|Query|Scan)/;

/** Only commands on items have a price to report. */
const priced = /^(Get|Put|Update|Delete|TransactWrite|TransactGet|Query)/;

export function counted<C extends DynamoDBClient>(client: C): C {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const name = String(context['commandName']).replace(/Command$/, '');
      const meter = meters.getStore();
      if (!meter || !priced.test(name)) return next(args);
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input;
      meter.calls.push(name);
      try {
        const answer = await next({ ...args, input });
        for (const { CapacityUnits = 0, ReadCapacityUnits } of capacityOf(answer.output)) {
          // A transaction sent again under its token is a write that is billed as a read.
          if (reading.test(name) || ReadCapacityUnits) meter.readUnits += CapacityUnits;
          else meter.writeUnits += CapacityUnits;
        }
        return answer;
      } catch (error) {
        const { TransactItems } = args.input as { readonly TransactItems?: readonly unknown[] };
        const units = billedAnyway(error, TransactItems?.length ?? 0);
        meter.byFormula += units;
        meter.writeUnits += units;
        throw error;
      }
    },
    { step: 'initialize', name: 'price' },
  );
  return client;
}

const capacityOf = (output: object): readonly ConsumedCapacity[] =>
  [
    ('ConsumedCapacity' in output ? output.ConsumedCapacity : undefined) ?? [],
  ].flat() as readonly ConsumedCapacity[];
