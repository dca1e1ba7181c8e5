/** The DynamoDB tables: keys, indexes, streams. What their items look like stands with each parser. */
import { causesIndex, listedAttributes } from '#shared/parking/letter-items.ts';

export interface IndexRow {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Attributes that it has besides keys. Absent: all. */
  readonly attributes?: readonly string[];
}

export interface TableRow {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes?: Readonly<Record<string, IndexRow>>;
  /** New images of its items flow to the relay. */
  readonly stream: boolean;
  /** DynamoDB may delete items past their `ttl` (housekeeping only: reads compare times). */
  readonly ttl: boolean;
}

export const tables = {
  /** Entities, each with its version, and the audit. Of these only violations have a `ttl`. */
  domain: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: { lists: { partitionKey: 'listPk', sortKey: 'listSk' } },
    stream: false,
    ttl: true,
  },
  /** Events, and the relay's ledgers beside them. */
  outbox: { partitionKey: 'pk', sortKey: 'sk', stream: true, ttl: true },
  /** Idempotency records, inboxes, fault switches, what simulated providers did. */
  state: { partitionKey: 'pk', stream: false, ttl: true },
  /** Leases and their fencing tokens. Nothing is ever deleted: a token must not begin anew. */
  lease: { partitionKey: 'pk', stream: false, ttl: false },
  /** Events that the relay could not hand on, and dead letters. */
  parked: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: {
      [causesIndex]: { partitionKey: 'pk', sortKey: 'causeSk', attributes: listedAttributes },
    },
    stream: false,
    ttl: true,
  },
} as const satisfies Record<string, TableRow>;

export type TableName = keyof typeof tables;
