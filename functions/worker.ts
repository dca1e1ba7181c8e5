/** A queue's Lambda handler: the worker of shared/worker with everything this service puts into it. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { deadline } from '#shared/deadline/deadline.ts';
import type { QueueSender, Visibility } from '#shared/queue/queue.ts';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import { childOf, newTrace, readTraceparent, toTraceparent } from '#shared/telemetry/trace.ts';
import type { Message } from '#shared/worker/message.ts';
import { mostReceivedFirst, readSqsMessage } from '#shared/worker/sqs-message.ts';
import { worker as messageWorker, type Worked } from '#shared/worker/worker.ts';
import { type EventOf, readConsumedEvent } from './consumed-event.ts';
import type { Consumer } from './consumer.ts';
import { eventFields } from './event-fields.ts';
import { keyrings } from './keyrings.ts';
import { onceByEvent } from './once-by-event.ts';
import { ageReporter } from './pressure.ts';
import { type Pseudonymize, pseudonymizer } from './pseudonymizer.ts';
import type { EventType as DomainEventType } from './tables/events.ts';
import type { FunctionName } from './tables/functions.ts';
import { type QueueName, queues } from './tables/queues.ts';
import { type Fields, type Telemetry, telemetry } from './telemetry.ts';
import { traced } from './traced.ts';
import { closingMs, marginMs } from './worker-time.ts';

export interface WorkerEnvironment {
  readonly name: FunctionName;
  readonly tracing: boolean;
  readonly retryDelayRatio: number;
  readonly queueUrls: Readonly<Record<string, string>>;
  readonly deadLetterUrls: Readonly<Record<string, string>>;
  readonly secretIds: { readonly pseudonyms: string };
}

/** What tests put in place of the deployed things. */
export interface WorkerParts {
  readonly visibility?: Visibility;
  readonly deadLetters?: QueueSender;
  readonly signals?: Telemetry;
  readonly pseudonymize?: Pseudonymize;
  readonly now?: () => number;
}

/** Tells Powertools that a message is to stay in its queue. It never leaves this file. */
class NotAcknowledged extends Error {
  override name = 'NotAcknowledged';
}

export function worker<T extends DomainEventType>(
  environment: WorkerEnvironment,
  queue: QueueName,
  consumer: Consumer<T>,
  parts: WorkerParts = {},
) {
  const { name, retryDelayRatio, queueUrls, deadLetterUrls, secretIds } = environment;
  const { signals = telemetry({ name }), now = Date.now } = parts;
  const client = sqsClient();
  const {
    visibility = sqsQueue({ client, urls: queueUrls }),
    deadLetters = sqsQueue({ client, urls: deadLetterUrls }),
    pseudonymize = pseudonymizer(
      keyrings({ secretIds, listen: signals.scope({ trace: newTrace() }).listen }).pseudonyms,
    ),
  } = parts;
  const { parallel, ...policy } = queues[queue];
  const work = messageWorker({
    visibility,
    deadLetters,
    queue,
    consumer: queue,
    marginMs,
    retryDelayRatio,
    ...policy,
  });
  const once = onceByEvent(queue, consumer);
  const reportAge = ageReporter(queue, { store: consumer.store, now });

  /** The event and what lines say of it, or why there is none. */
  async function open(message: Message): Promise<Opened<T>> {
    try {
      const event = readConsumedEvent(message, consumer.events, now());
      const fields = await eventFields(event, pseudonymize);
      return { event, about: { correlationId: event.correlationId, fields } };
    } catch (fault) {
      return { fault, about: { fields: {} } };
    }
  }

  async function workOn(record: SQSRecord, context: Context): Promise<void> {
    const time = deadline({ inMs: context.getRemainingTimeInMillis() - closingMs });
    const { attributes, ...received } = readSqsMessage(record);
    const trace = childOf(readTraceparent(attributes['traceparent']) ?? newTrace());
    const message = {
      ...received,
      attributes: { traceparent: toTraceparent(trace), ...attributes },
    };
    const { id, attempt } = message;
    const { about, ...opened } = await open(message);
    const fields = { queue, message_id: id, attempt, ...about.fields };
    const scope = signals.scope({ trace, ...about, fields });

    const worked = await work(message, {
      remainingMs: time.remainingMs() + closingMs,
      listen: scope.listen,
      handle: async () => {
        try {
          if ('fault' in opened) throw opened.fault;
          return await once(opened.event, { attempt, trace, scope, time });
        } catch (error) {
          scope.logger.warn('message failed', error as Error);
          throw error;
        }
      },
    });
    if (worked.outcome === 'buried') await consumer.crash?.('after-burial', trace.traceId);
    const outcome = worked.outcome === 'worked' ? worked.result : worked.outcome;
    scope.record('Messages', 1, { queue, outcome });
    if (worked.outcome === 'worked' && outcome !== 'duplicate' && 'event' in opened)
      scope.record('EventAge', now() - opened.event.occurredAtMs, { queue });
    scope.logger.info(`message ${outcome}`, { outcome, ...detailsOf(worked) });
    if (!worked.acknowledge) throw new NotAcknowledged(outcome);
  }

  async function working({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    const [response] = await Promise.all([
      processPartialResponse(
        { Records: mostReceivedFirst(Records) },
        (record: SQSRecord) => workOn(record, context),
        new BatchProcessor(EventType.SQS),
        // A batch that failed as a whole is reported like any other: an error would count as ours.
        { processInParallel: parallel, throwOnFullBatchFailure: false },
      ),
      // Beside the work, which does not wait for it.
      reportAge(Records, signals.scope({ trace: newTrace() }).listen),
    ]);
    return response;
  }
  return traced(environment, working);
}

type Opened<T extends DomainEventType> = {
  readonly about: { readonly correlationId?: string; readonly fields: Fields };
} & ({ readonly event: EventOf<T> } | { readonly fault: unknown });

const detailsOf = (worked: Worked<unknown>): Readonly<Record<string, string>> => ({
  ...('error' in worked && { error_name: worked.error }),
  ...('cause' in worked && { cause: worked.cause }),
});
