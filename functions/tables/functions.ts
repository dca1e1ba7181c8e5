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

export type Trigger =
  | { readonly by: 'route' }
  | { readonly by: 'queue'; readonly queue: QueueName }
  | { readonly by: 'stream'; readonly table: TableName }
  | { readonly by: 'schedule'; readonly everyMinutes: number }
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
      state: ['GetItem', 'PutItem'],
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
    sendsTo: ['order:process', 'email:send', 'audit:record'],
    secrets: ['pseudonyms'],
  },
  'outbox-sweeper': {
    ...worker,
    trigger: { by: 'schedule', everyMinutes: 1 },
    timeoutMs: 50_000,
    tables: { outbox: ['Query', 'PutItem', 'UpdateItem'], parked: ['PutItem'] },
    sendsTo: ['order:process', 'email:send', 'audit:record'],
    secrets: ['pseudonyms'],
    reservedConcurrency: 1,
  },
  'order-process': {
    ...worker,
    trigger: { by: 'queue', queue: 'order:process' },
    tables: {
      domain: ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
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
    tables: { domain: ['PutItem'], state: ['GetItem', 'PutItem', 'UpdateItem'] },
    buries: ['audit:record'],
    secrets: ['pseudonyms'],
  },
  'simulated-email': {
    trigger: { by: 'invocation' },
    timeoutMs: 10_000,
    memoryMb: 256,
    tables: { state: ['GetItem', 'PutItem', 'UpdateItem'] },
  },
} as const satisfies Record<RouteName, FunctionRow> & Record<string, FunctionRow>;

export type FunctionName = keyof typeof functions;
