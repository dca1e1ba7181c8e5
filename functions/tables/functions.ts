/**
 * Every Lambda function: what starts it and what it may touch. A row is a folder of its name. IAM
 * roles and environments are made from this table, so what is not said here is neither allowed nor
 * known to the function.
 */
import type { QueueName } from './queues.ts';
import type { RouteName } from './routes.ts';
import type { SecretName } from './secrets.ts';
import type { TableName } from './tables.ts';

type TableAction =
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'
  | 'Query';

/** `dead-letters`: every dead-letter queue there is. */
export type Trigger =
  | { readonly by: 'route' }
  | { readonly by: 'queue'; readonly queue: QueueName }
  | { readonly by: 'stream'; readonly table: TableName }
  | { readonly by: 'schedule'; readonly everyMinutes: number }
  | { readonly by: 'dead-letters' }
  | { readonly by: 'invocation' };

export interface FunctionRow {
  readonly trigger: Trigger;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** DynamoDB actions by table. */
  readonly tables?: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** Queues it sends to. */
  readonly sendsTo?: readonly QueueName[];
  /** Queues whose DLQ it sends to. */
  readonly buries?: readonly QueueName[];
  readonly secrets?: readonly SecretName[];
  readonly invokes?: readonly string[];
  /** It sends to its own queue, on purpose: Lambda else stops such a chain after 16 rounds. */
  readonly recursive?: boolean;
  /** Function concurrency kept for it and its most, where the account's quota allows. */
  readonly reservedConcurrency?: number;
}

const edge = {
  trigger: { by: 'route' },
  timeoutMs: 10_000,
  memoryMb: 512,
} as const;

const worker = { timeoutMs: 15_000, memoryMb: 512 } as const;

export const functions = {
  'create-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'list-orders': {
    ...edge,
    tables: { domain: ['Query'] },
    secrets: ['token-signing', 'pseudonyms', 'list-cursors'],
  },
  'get-order': {
    ...edge,
    tables: { domain: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'update-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'cancel-order': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-item': {
    ...edge,
    tables: { domain: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'update-item': {
    ...edge,
    tables: {
      domain: ['GetItem', 'UpdateItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'create-transfer': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem'],
      outbox: ['PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-account': {
    ...edge,
    tables: { domain: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'cast-vote': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'withdraw-vote': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-poll': {
    ...edge,
    tables: { domain: ['GetItem', 'Query'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'redeem-coupon': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'claim-daily-reward': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-availability': {
    ...edge,
    tables: { domain: ['GetItem', 'Query'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'create-booking': {
    ...edge,
    tables: { domain: ['GetItem', 'PutItem'], outbox: ['PutItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-booking': {
    ...edge,
    tables: { domain: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'confirm-booking': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'release-booking': {
    ...edge,
    tables: {
      domain: ['GetItem', 'PutItem', 'DeleteItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'booking-sweeper': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    tables: {
      domain: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
      outbox: ['PutItem'],
      lease: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    },
  },
  health: { ...edge, memoryMb: 256 },
  'set-simulated-faults': {
    ...edge,
    tables: { state: ['GetItem', 'PutItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'outbox-relay': {
    ...worker,
    trigger: { by: 'stream', table: 'outbox' },
    tables: { outbox: ['PutItem'], parked: ['PutItem'] },
    sendsTo: ['order:process', 'email:send', 'audit:record', 'dlq:replay'],
    secrets: ['pseudonyms'],
  },
  'outbox-sweeper': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    tables: { outbox: ['Query', 'PutItem', 'UpdateItem'], parked: ['PutItem'] },
    sendsTo: ['order:process', 'email:send', 'audit:record', 'dlq:replay'],
    secrets: ['pseudonyms'],
    reservedConcurrency: 1,
  },
  'order-process': {
    ...worker,
    trigger: { by: 'queue', queue: 'order:process' },
    tables: {
      domain: ['GetItem', 'UpdateItem', 'ConditionCheckItem'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem', 'UpdateItem'],
    },
    buries: ['order:process'],
    secrets: ['pseudonyms'],
  },
  'email-send': {
    ...worker,
    trigger: { by: 'queue', queue: 'email:send' },
    tables: {
      domain: ['GetItem'],
      state: ['GetItem', 'PutItem', 'UpdateItem'],
    },
    buries: ['email:send'],
    secrets: ['pseudonyms'],
    invokes: ['simulated-email'],
  },
  'audit-record': {
    ...worker,
    trigger: { by: 'queue', queue: 'audit:record' },
    tables: { domain: ['GetItem', 'PutItem'], state: ['GetItem', 'PutItem', 'UpdateItem'] },
    buries: ['audit:record'],
    secrets: ['pseudonyms'],
  },
  parker: {
    ...worker,
    trigger: { by: 'dead-letters' },
    tables: { parked: ['GetItem', 'PutItem'] },
    secrets: ['pseudonyms'],
  },
  'dlq-replay': {
    ...worker,
    trigger: { by: 'queue', queue: 'dlq:replay' },
    timeoutMs: 30_000,
    tables: {
      parked: ['GetItem', 'PutItem', 'ConditionCheckItem', 'Query'],
      state: ['GetItem', 'PutItem', 'UpdateItem'],
    },
    sendsTo: ['order:process', 'email:send', 'audit:record', 'dlq:replay'],
    buries: ['dlq:replay'],
    secrets: ['pseudonyms'],
    recursive: true,
  },
  'summarize-dead-letters': {
    ...edge,
    tables: { parked: ['Query'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'list-dead-letters': {
    ...edge,
    tables: { parked: ['Query'] },
    secrets: ['token-signing', 'pseudonyms', 'list-cursors'],
  },
  'get-dead-letter': {
    ...edge,
    tables: { parked: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'replay-dead-letters': {
    ...edge,
    tables: {
      parked: ['GetItem', 'PutItem', 'Query'],
      outbox: ['PutItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'get-dead-letter-replay': {
    ...edge,
    tables: { parked: ['GetItem'] },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'discard-dead-letter': {
    ...edge,
    tables: {
      parked: ['GetItem', 'PutItem', 'ConditionCheckItem'],
      state: ['GetItem', 'PutItem'],
    },
    secrets: ['token-signing', 'pseudonyms'],
  },
  'simulated-email': {
    trigger: { by: 'invocation' },
    timeoutMs: 10_000,
    memoryMb: 256,
    tables: { state: ['GetItem', 'PutItem', 'UpdateItem'] },
  },
} as const satisfies Record<RouteName, FunctionRow> & Record<string, FunctionRow>;

export type FunctionName = keyof typeof functions;
