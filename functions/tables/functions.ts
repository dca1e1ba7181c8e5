/**
 * Every Lambda function: what starts it and what it may touch. A row is a folder of its name. IAM
 * roles and environments are made from this table, so what is not said here is neither allowed nor
 * known to the function.
 */
import { pressureQueues } from './pressure.ts';
import { type QueueName, queues } from './queues.ts';
import type { RouteName } from './routes.ts';
import { type RotatedSecretName, rotatedSecrets, type SecretName } from './secrets.ts';
import type { TableName } from './tables.ts';

type TableAction =
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'
  | 'Query';

/** `dead-letters`: every dead-letter queue there is. `rotation`: Secrets Manager, for each secret that it rotates. */
export type Trigger =
  | { readonly by: 'route' }
  | { readonly by: 'queue'; readonly queue: QueueName }
  | { readonly by: 'stream'; readonly table: TableName }
  | { readonly by: 'schedule'; readonly everyMinutes: number }
  | { readonly by: 'dead-letters' }
  | { readonly by: 'rotation' }
  | { readonly by: 'invocation' };

export interface FunctionRow {
  readonly trigger: Trigger;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** DynamoDB actions by table. */
  readonly tables?: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** Queues it sends to. */
  readonly sendsTo?: readonly QueueName[];
  /** Queues whose length it reads. */
  readonly watches?: readonly QueueName[];
  /** Queues whose DLQ it sends to. */
  readonly buries?: readonly QueueName[];
  /** Secrets that it reads. */
  readonly secrets?: readonly SecretName[];
  /** Secrets that it rotates. */
  readonly rotates?: readonly RotatedSecretName[];
  readonly invokes?: readonly string[];
  /** It sends to its own queue, on purpose: Lambda else stops such a chain after 16 rounds. */
  readonly recursive?: boolean;
  /** Function concurrency kept for it and its most, where the account's quota allows. */
  readonly reservedConcurrency?: number;
}

/** A route for callers with a token. */
const edge = {
  trigger: { by: 'route' },
  timeoutMs: 10_000,
  memoryMb: 512,
  secrets: ['token-signing', 'pseudonyms'],
  watches: pressureQueues,
} as const;

const worker = { timeoutMs: 15_000, memoryMb: 512, secrets: ['pseudonyms'] } as const;

/** What a unit of work writes beside its entities: the event. */
const compact = { outbox: ['PutItem'] } as const;

/** What a route's way in touches: the buckets of its limits, and what the service has been told of
 *  its queues; an event when a caller reaches for another tenant. The compact mode needs no more. */
const admitted = { ...compact, state: ['GetItem', 'UpdateItem'] } as const;

/** The deferred mode keeps a record besides. */
const deferred = { ...compact, state: ['GetItem', 'PutItem', 'UpdateItem'] } as const;

/** The inbox, and the switch of crashes. */
const inbox = { state: ['GetItem', 'PutItem', 'UpdateItem'] } as const;

/** The versions of cache tags. */
const invalidating = { state: ['UpdateItem'] } as const;

const everyQueue = Object.keys(queues) as QueueName[];

export const functions = {
  'create-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      ...admitted,
    },
  },
  'list-orders': {
    ...edge,
    tables: { domain: ['Query'], ...admitted },
    secrets: ['token-signing', 'pseudonyms', 'list-cursors'],
  },
  'get-order': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  'update-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'cancel-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem'],
      ...deferred,
    },
  },
  'get-item': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  'update-item': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem'],
      ...deferred,
    },
  },
  'create-transfer': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem'],
      ...admitted,
    },
  },
  'get-account': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  'cast-vote': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'withdraw-vote': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'get-poll': {
    ...edge,
    tables: { domain: ['GetItem', 'Query'], ...admitted },
  },
  'redeem-coupon': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem'],
      ...deferred,
    },
  },
  'claim-daily-reward': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'get-sales-report': {
    ...edge,
    tables: { domain: ['Query'], ...admitted },
  },
  'get-availability': {
    ...edge,
    tables: { domain: ['GetItem', 'Query'], ...admitted },
  },
  'create-booking': {
    ...edge,
    tables: { domain: ['GetItem', 'PutItem'], ...admitted },
  },
  'get-booking': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  'confirm-booking': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'release-booking': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'DeleteItem'],
      ...deferred,
    },
  },
  'booking-sweeper': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    secrets: [],
    tables: {
      domain: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
      ...compact,
      lease: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    },
  },
  'get-stats': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  'create-relay-job': {
    ...edge,
    // The record is a lease first, and a lease that led to nothing goes.
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem'],
      ...compact,
      state: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    },
  },
  'get-relay-job': {
    ...edge,
    tables: { domain: ['GetItem'], ...admitted },
  },
  health: { ...edge, memoryMb: 256, secrets: [], watches: [] },
  'set-simulated-faults': {
    ...edge,
    watches: [],
    tables: { ...compact, state: ['GetItem', 'PutItem'] },
  },
  'outbox-relay': {
    ...worker,
    trigger: { by: 'stream', table: 'outbox' },
    tables: { outbox: ['PutItem'], parked: ['PutItem'], ...invalidating },
    sendsTo: everyQueue,
  },
  'outbox-sweeper': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    tables: {
      outbox: ['Query', 'PutItem', 'UpdateItem'],
      parked: ['PutItem'],
      ...invalidating,
    },
    sendsTo: everyQueue,
    reservedConcurrency: 1,
  },
  'order-process': {
    ...worker,
    trigger: { by: 'queue', queue: 'order:process' },
    tables: {
      domain: ['GetItem', 'UpdateItem', 'ConditionCheckItem'],
      ...compact,
      ...inbox,
    },
    buries: ['order:process'],
  },
  'email-send': {
    ...worker,
    trigger: { by: 'queue', queue: 'email:send' },
    tables: {
      domain: ['GetItem'],
      ...inbox,
    },
    buries: ['email:send'],
    invokes: ['simulated-email'],
  },
  'audit-record': {
    ...worker,
    trigger: { by: 'queue', queue: 'audit:record' },
    tables: { domain: ['GetItem', 'PutItem'], ...inbox },
    buries: ['audit:record'],
  },
  'violation-record': {
    ...worker,
    trigger: { by: 'queue', queue: 'violation:record' },
    tables: { domain: ['PutItem'], ...inbox },
    buries: ['violation:record'],
  },
  'list-violations': {
    ...edge,
    tables: { domain: ['Query'], ...admitted },
    secrets: ['token-signing', 'pseudonyms', 'list-cursors'],
  },
  'relay-deliver': {
    ...worker,
    trigger: { by: 'queue', queue: 'relay:deliver' },
    tables: { domain: ['GetItem', 'PutItem', 'UpdateItem'], ...inbox },
    buries: ['relay:deliver'],
    invokes: ['simulated-relay-target'],
  },
  'relay-reconciler': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    secrets: [],
    tables: {
      domain: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      lease: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    },
  },
  parker: {
    ...worker,
    trigger: { by: 'dead-letters' },
    // A job of the relay is given up with its letter.
    tables: { parked: ['GetItem', 'PutItem'], domain: ['GetItem', 'PutItem', 'UpdateItem'] },
  },
  'dlq-replay': {
    ...worker,
    trigger: { by: 'queue', queue: 'dlq:replay' },
    timeoutMs: 30_000,
    tables: {
      parked: ['GetItem', 'PutItem', 'ConditionCheckItem', 'Query'],
      outbox: ['Query'],
      ...inbox,
    },
    sendsTo: everyQueue,
    buries: ['dlq:replay'],
    recursive: true,
  },
  'summarize-dead-letters': {
    ...edge,
    tables: { parked: ['Query'], ...admitted },
  },
  'list-dead-letters': {
    ...edge,
    tables: { parked: ['Query'], ...admitted },
    secrets: ['token-signing', 'pseudonyms', 'list-cursors'],
  },
  'get-dead-letter': {
    ...edge,
    tables: { parked: ['GetItem'], ...admitted },
  },
  'replay-dead-letters': {
    ...edge,
    tables: {
      parked: ['GetItem', 'PutItem', 'Query'],
      ...deferred,
    },
  },
  'get-dead-letter-replay': {
    ...edge,
    tables: { parked: ['GetItem'], ...admitted },
  },
  'replay-outbox': {
    ...edge,
    tables: { parked: ['GetItem', 'PutItem'], ...deferred },
  },
  'get-outbox-replay': {
    ...edge,
    tables: { parked: ['GetItem'], ...admitted },
  },
  'discard-dead-letter': {
    ...edge,
    tables: {
      parked: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      ...deferred,
    },
  },
  'secret-rotate': {
    trigger: { by: 'rotation' },
    timeoutMs: 15_000,
    memoryMb: 256,
    rotates: rotatedSecrets,
  },
  'simulated-relay-target': {
    trigger: { by: 'invocation' },
    timeoutMs: 10_000,
    memoryMb: 256,
    tables: { state: ['GetItem', 'PutItem', 'UpdateItem'] },
  },
  'simulated-email': {
    trigger: { by: 'invocation' },
    timeoutMs: 10_000,
    memoryMb: 256,
    tables: { state: ['GetItem', 'PutItem', 'UpdateItem'] },
  },
} as const satisfies Record<RouteName, FunctionRow> & Record<string, FunctionRow>;

export type FunctionName = keyof typeof functions;
