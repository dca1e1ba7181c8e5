/** Queues: what waits in them, the batches made of it, and what was given up. */
import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { batchProbes } from './queues-batches.ts';
import { bodyProbes } from './queues-body.ts';
import { letterProbes } from './queues-letters.ts';
import { waitingProbes } from './queues-waiting.ts';

export const queueProbes = {
  ...waitingProbes,
  ...batchProbes,
  ...bodyProbes,
  ...letterProbes,
} satisfies Record<CapabilityOf<'queues'>, Probe>;
