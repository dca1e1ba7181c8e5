/**
 * Control: Powertools' own `makeIdempotent` and middleware with its own DynamoDB layer, unmodified,
 * around a transaction that makes an order. Each scenario is a use that its documentation allows.
 */
import {
  type IdempotencyConfig as Config,
  IdempotencyConfig,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { makeHandlerIdempotent } from '@aws-lambda-powertools/idempotency/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { domain, sortedTexts } from '../scenarios/requests.ts';
import type { Fault } from '../scheduler/call.ts';
import type { Clock } from '../scheduler/clock.ts';
import type { Scenario } from '../scheduler/execute.ts';
import type { Self } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';
import { dynamodbStub, type Rows } from './dynamodb-stub.ts';
import type { Attributes } from './expression.ts';

interface Asked {
  readonly key: string;
  via?: string;
}
interface Answer {
  readonly statusCode: number;
  readonly id: string;
}
type Handler = (event: Asked, context: Context) => Promise<Answer>;

export interface StockUse {
  readonly name: string;
  /** The business of the handler: commits the order and answers. */
  readonly business: (self: Self) => Handler;
  readonly wrap?: 'function' | 'middleware';
  readonly only?: readonly Fault[];
}

/** What Lambda gives a function; its lease lasts as long. */
const remainingMs = 30_000;
const maxAsks = 2;

/** The clock of the run under way: Powertools takes none. */
export const running: { clock: Clock } = { clock: { nowMs: 0 } };

export const stock = ({ name, business, wrap = 'function', only }: StockUse): Scenario => ({
  name: `stock, ${name}`,
  frozenMs: 60_000,
  ...(only && { only }),
  async start({ clock, store }) {
    running.clock = clock;
    const rows: Rows = new Map();
    const owners = new Map<string, string>();
    const everOwned = new Set<string>();
    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });

    function changed(by: string, id: string, before?: Attributes, after?: Attributes): void {
      const owner = owners.get(id);
      const theirs = owner !== undefined && owner !== by;
      if (after?.['status'] === 'INPROGRESS') {
        owners.set(id, by);
        everOwned.add(`${by} ${id}`);
        return;
      }
      if (theirs && !after && before?.['status'] === 'INPROGRESS' && !everOwned.has(`${by} ${id}`))
        breaks(
          'a refused duplicate freeing a running owner',
          `${by} deleted the lease of ${owner}`,
        );
      else if (theirs && !after && before)
        breaks('a late owner deleting the record of another', `${by} deleted that of ${owner}`);
      else if (theirs && after && before)
        breaks(
          'a late owner overwriting the record of another',
          `${by} overwrote that of ${owner}`,
        );
      const data = after?.['data'] as Partial<Answer> | undefined;
      if (Number(data?.statusCode) >= 500)
        breaks('a stored 5xx', `${id} is COMPLETED with ${JSON.stringify(data)}`);
    }

    function handlerOf(self: Self): Handler {
      const config: Config = new IdempotencyConfig({});
      const options = {
        persistenceStore: new DynamoDBPersistenceLayer({
          tableName: 'idempotency',
          awsSdkV3Client: dynamodbStub(rows, self.step, (id, before, after) =>
            changed(self.name, id, before, after),
          ),
        }),
        config,
        keyPrefix: 'orders',
      };
      const handler = business(self);
      if (wrap === 'function') return makeIdempotent(handler, options) as unknown as Handler;
      return middy({ timeoutEarlyInMillis: 0 })
        .use(makeHandlerIdempotent(options))
        .handler(handler as never) as unknown as Handler;
    }

    async function act(self: Self, asks: number): Promise<void> {
      const handler = handlerOf(self);
      const context = { getRemainingTimeInMillis: () => remainingMs } as Context;
      for (let nth = 1; nth <= asks; nth++) {
        const answer = await handler({ key: 'k' }, context).catch(() => undefined);
        if (answer) return;
      }
    }

    const effects = () => store.items('domain').filter(({ kind }) => kind === 'effect');
    function afterStep(): readonly Violation[] {
      const [first, second] = effects();
      if (first && second)
        breaks(
          'two effects for one key',
          `${String(first['by'])} and ${String(second['by'])} made an order each`,
        );
      return broken;
    }
    return {
      actors: ['A', 'B'].map((actor) => ({ name: actor, act: (self) => act(self, maxAsks) })),
      async epilogue(self) {
        // Whoever held it is gone, and its client asks again.
        clock.nowMs += 2 * remainingMs;
        await act(self, 1);
      },
      afterStep,
      audit: afterStep,
      state: () => [sortedTexts(store.items('domain')), [...rows], [...owners]],
    };
  },
});

/** The business transaction: an order under a new id. */
const order = async (self: Self, { key }: Asked, id = self.newId()): Promise<Answer> => {
  const committed = await self.store.commit({
    token: self.newId(),
    writes: [
      {
        put: { kind: 'effect', of: key, by: self.name },
        at: domain(`order/${id}`),
        when: { absent: true },
      },
    ],
  });
  if (!committed.applied) throw new Error('the order was refused');
  return { statusCode: 201, id };
};

const twice = 'two effects for one key';

export const stockUses: readonly (StockUse & { readonly slug: string; readonly never: string })[] =
  [
    {
      slug: 'answer-lost',
      name: 'the answer of the transaction is lost',
      business: (self) => (event) => order(self, event),
      only: ['lose-answer'],
      never: twice,
    },
    {
      slug: 'environment-dies',
      name: 'the environment dies between the transaction and the record',
      business: (self) => (event) => order(self, event),
      only: ['crash'],
      never: twice,
    },
    {
      slug: 'environment-freezes',
      name: 'the environment freezes',
      business: (self) => (event) => order(self, event),
      only: ['freeze'],
      never: twice,
    },
    {
      slug: 'late-owner-deletes',
      name: 'the environment freezes, and the order has one id for its key',
      business: (self) => (event) => order(self, event, `of-${event.key}`),
      only: ['freeze'],
      never: 'a late owner deleting the record of another',
    },
    {
      slug: 'late-owner-overwrites',
      name: 'the environment freezes, and the order is put under one id for its key',
      business: (self) => async (event) => {
        const at = domain(`order/of-${event.key}`);
        const id = self.newId();
        await self.store.write({ put: { kind: 'effect', of: event.key, by: self.name, id }, at });
        return { statusCode: 201, id };
      },
      only: ['freeze'],
      never: 'a late owner overwriting the record of another',
    },
    {
      slug: 'stored-5xx',
      name: 'the handler answers 500 where the store fails',
      business: (self) => (event) =>
        order(self, event).catch(() => ({ statusCode: 500, id: 'none' })),
      only: ['conflict'],
      never: 'a stored 5xx',
    },
    {
      slug: 'event-changed',
      name: 'the handler changes its event',
      business: (self) => async (event) => {
        event.via = 'middleware';
        return order(self, event);
      },
      only: [],
      never: twice,
    },
    {
      slug: 'refused-duplicate-frees',
      name: 'as a middleware',
      business: (self) => (event) => order(self, event),
      wrap: 'middleware',
      only: [],
      never: 'a refused duplicate freeing a running owner',
    },
  ];
