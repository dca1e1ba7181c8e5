/** Every minute: holds that have ended, as many sweepers at once as there are. */
import type { Context } from 'aws-lambda';
import { claim } from '#shared/lease/claim.ts';
import { leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { ofNote, telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { bookingSweeper } from './booking-sweeper.ts';

const environment = readEnv('booking-sweeper', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);

/** Another sweeper goes on with a shard so long after one died over it. */
const holdMs = 15_000;

/** Time for the step under way. */
const marginMs = 10_000;

async function sweepOnce(_: unknown, context: Context): Promise<void> {
  const { awsRequestId: correlationId } = context;
  const trace = newTrace();
  const { logger, listen, record } = signals.scope({ trace, correlationId });
  const subject = 'booking-sweeper';
  const parts = { subject, listen: ofNote(listen) };
  const held = leases({ store, table: 'lease', ...parts });
  const sweep = bookingSweeper({
    store,
    claim: claim({ mutex: mutex({ store, leases: held, holdMs, ...parts }) }),
    publish: (happening) => publish(happening, { trace, correlationId }),
  });
  const { lapsed, passedOver, skippedShards, unfinished } = await sweep(
    () => context.getRemainingTimeInMillis() > marginMs,
  );
  record('HoldsLapsed', lapsed, {});
  logger[unfinished ? 'warn' : 'info']('holds swept', {
    lapsed,
    passed_over: passedOver,
    skipped_shards: skippedShards,
    unfinished,
  });
}

export const handler = traced(environment, sweepOnce);
