/** Every minute: events that the stream did not deliver, into their queues all the same. */
import type { Context } from 'aws-lambda';
import { handOn } from '#shared/outbox/hand-on.ts';
import { outboxSweeper } from '#shared/outbox/sweeper.ts';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { invalidation } from '../cache-tags.ts';
import { readEnv } from '../env.ts';
import { handingOn, report } from '../handed-on.ts';
import { keyrings } from '../keyrings.ts';
import { pseudonymizer } from '../pseudonymizer.ts';
import { functions } from '../tables/functions.ts';
import { retention } from '../tables/retention.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';

const environment = readEnv('outbox-sweeper', process.env);
const { secretIds, tables, queueUrls, tracing, sweepAfterMs } = environment;
const { trigger, timeoutMs } = functions['outbox-sweeper'];
const signals = telemetry(environment);
const pseudonymize = pseudonymizer(
  keyrings({ secretIds, listen: signals.scope({ trace: newTrace() }).listen }).pseudonyms,
);
const store = dynamoStore({ tables });
const queues = sqsQueue({ client: sqsClient(), urls: queueUrls });

/** Half an hour back every minute, and each older bucket once an hour for as long as events are kept. */
const plan = {
  everyMs: trigger.everyMinutes * 60_000,
  recentBuckets: 3,
  olderEveryRuns: 60,
  horizonMs: retention.outboxMs,
};

/** Time for the step under way and for the lines about it. */
const marginMs = 10_000;

async function sweepOnce(_: unknown, context: Context): Promise<void> {
  const { logger, listen } = signals.scope({ trace: newTrace() });
  const invalidate = invalidation({ store, listen });
  const counts = { sent: 0, parked: 0, failed: 0 };
  const sweep = outboxSweeper({
    ...plan,
    handOn: handOn({ ...handingOn, by: 'sweeper', store, queues, tracing, listen }),
    store,
    table: 'outbox',
    sweepAfterMs,
    claimMs: timeoutMs,
  });
  const { unfinished, passedOver } = await sweep({
    hasTime: () => context.getRemainingTimeInMillis() > marginMs,
    async handedOn(events) {
      for (const { how } of events) counts[how]++;
      await invalidate(events);
      await report('swept', events, {
        signals,
        pseudonymize,
        count: (record, queue) => record('EventsSwept', 1, { queue }),
      });
    },
  });
  logger[unfinished || counts.failed > 0 ? 'warn' : 'info']('outbox swept', {
    ...counts,
    unfinished,
    passed_over: passedOver.join(' '),
  });
}

export const handler = traced(environment, sweepOnce);
