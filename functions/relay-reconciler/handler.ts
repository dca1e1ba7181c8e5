/** Every minute: jobs of the relay whose slots nobody gave back. */
import type { Context } from 'aws-lambda';
import { claim } from '#shared/lease/claim.ts';
import { leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { ofNote, telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { relayReconciler, slotsTaken } from './relay-reconciler.ts';

const environment = readEnv('relay-reconciler', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);

/** Another goes on with a shard so long after one died over it. */
const holdMs = 15_000;

/** Time for the step under way. */
const marginMs = 10_000;

async function reconcile(_: unknown, context: Context): Promise<void> {
  const { logger, listen, record } = signals.scope({
    trace: newTrace(),
    correlationId: context.awsRequestId,
  });
  const parts = { subject: 'relay-reconciler', listen: ofNote(listen) };
  const held = leases({ store, table: 'lease', ...parts });
  const sweep = relayReconciler({
    store,
    claim: claim({ mutex: mutex({ store, leases: held, holdMs, ...parts }) }),
    listen,
  });
  record('RelaySlotsTaken', await slotsTaken(store), {});
  const { swept, passedOver, skippedShards, unfinished } = await sweep(
    () => context.getRemainingTimeInMillis() > marginMs,
  );
  record('RelayJobsParked', swept, { by: 'reconciler' });
  logger[unfinished || swept > 0 ? 'warn' : 'info']('relay reconciled', {
    parked: swept,
    passed_over: passedOver,
    skipped_shards: skippedShards,
    unfinished,
  });
}

export const handler = traced(environment, reconcile);
