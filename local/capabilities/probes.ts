/** The probe of every row of the table, and which of them can run side by side. */
import type { Probe } from './probe.ts';
import { accountProbes } from './probes/account.ts';
import { functionProbes } from './probes/functions.ts';
import { gatewayProbes } from './probes/gateway.ts';
import { queueProbes } from './probes/queues.ts';
import { secretProbes } from './probes/secrets.ts';
import { signalProbes } from './probes/signals.ts';
import { streamProbes } from './probes/streams.ts';
import { tableProbes } from './probes/tables.ts';
import type { Capability } from './table.ts';

export const probes = {
  ...gatewayProbes,
  ...functionProbes,
  ...queueProbes,
  ...streamProbes,
  ...tableProbes,
  ...secretProbes,
  ...signalProbes,
  ...accountProbes,
} satisfies Record<Capability, Probe>;

/** What they wait for comes once a minute. */
const waiting: readonly Capability[] = [
  'ttl-deletes',
  'ttl-stream-record',
  'ttl-stream-identity',
  'schedule',
  'stream-record-age',
  'queue-metrics',
  'queue-age-metric',
  'alarm-math',
];

/** It measures the engine's speed, which others would share. */
const alone: readonly Capability[] = ['load'];

/** How all of them take the least time together. */
export const order = { waiting, alone } as const;
