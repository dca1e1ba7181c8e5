/** A queue's Lambda handler: the worker of shared/worker with everything this service puts into it. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { deadline } from '#shared/deadline/deadline.ts';
import { KeyReusedError } from '#shared/idempotency/errors.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import type { QueueSender, Visibility } from '#shared/queue/queue.ts';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import {
  childOf,
  newTrace,
  readTraceparent,
  type Trace,
  toTraceparent,
} from '#shared/telemetry/trace.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import { readSqsMessage } from '#shared/worker/sqs-message.ts';
import { worker as messageWorker, type Worked } from '#shared/worker/worker.ts';
import { type EventOf, readConsumedEvent } from './consumed-event.ts';
import type { Consumer } from './consumer.ts';
import { eventFields } from './event-fields.ts';
import { keyrings } from './keyrings.ts';
import { type Pseudonymize, pseudonymizer } from './pseudonymizer.ts';
import type { EventType as DomainEventType } from './tables/events.ts';
import type { FunctionName } from './tables/functions.ts';
import { type QueueName, queues } from './tables/queues.ts';
import { retention } from './tables/retention.ts';
import { type Scope, type Telemetry, telemetry } from './telemetry.ts';
import { traced } from './traced.ts';
import { unitFor } from './unit.ts';

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

/** Time that a message needs at least, and how much of it is for what becomes of it afterwards. */
const marginMs = 4_000;
const closingMs = 2_500;

/** Tells Powertools that a message is to stay in its queue. It never leaves this file. */
class NotAcknowledged extends Error {
  override name = 'NotAcknowledged';
}

export function worker<T extends DomainEventType>(
  environment: WorkerEnvironment,
  queue: QueueName,
  { events, store, parallel, decide, crash = neverCrash }: Consumer<T>,
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
  const work = messageWorker({
    visibility,
    deadLetters,
    queue,
    consumer: queue,
    marginMs,
    retryDelayRatio,
    ...queues[queue],
  });

  /** Runs the use case once for this event, however often its message comes. */
  async function handle(
    event: EventOf<T>,
    { trace, remainingMs, attempt }: Attempt,
    scope: Scope,
  ): Promise<string> {
    const time = deadline({ inMs: remainingMs - closingMs });
    await crash('before-effect', trace.traceId);
    const outcome = await unitFor(store, scope).run(
      {
        key: unitKey('inbox', queue, event.id),
        fingerprint: fingerprintOf(event),
        retainMs: retention.inboxMs,
        // A message that comes again was often worked on before.
        peek: attempt > 1,
        deadline: time,
        subject: queue,
      },
      (reader) => decide(event, { reader, trace, deadline: time }),
    );
    await crash('after-effect', trace.traceId);
    if (outcome.how === 'refused') throw new Error('a consumer refuses nothing');
    return outcome.how === 'replayed' ? 'duplicate' : outcome.answer.outcome;
  }

  async function workOn(record: SQSRecord, context: Context): Promise<void> {
    const { attributes, ...received } = readSqsMessage(record);
    const trace = childOf(readTraceparent(attributes['traceparent']) ?? newTrace());
    const message = {
      ...received,
      attributes: { traceparent: toTraceparent(trace), ...attributes },
    };
    const { id, attempt } = message;
    const remainingMs = context.getRemainingTimeInMillis();
    const about = { queue, message_id: id, attempt };
    let scope = signals.scope({ trace, fields: about });
    let occurredAtMs: number | undefined;

    const worked = await work(message, {
      remainingMs,
      listen: (happened) => scope.listen(happened),
      handle: async () => {
        try {
          const event = readConsumedEvent(message, events, now());
          occurredAtMs = event.occurredAtMs;
          const fields = { ...about, ...(await eventFields(event, pseudonymize)) };
          scope = signals.scope({ trace, correlationId: event.correlationId, fields });
          return await handle(event, { trace, remainingMs, attempt }, scope);
        } catch (error) {
          scope.logger.warn('message failed', error as Error);
          throw toFault(error);
        }
      },
    });
    const outcome = worked.outcome === 'worked' ? worked.result : worked.outcome;
    scope.record('Messages', 1, { queue, outcome });
    if (worked.outcome === 'worked' && outcome !== 'duplicate' && occurredAtMs !== undefined)
      scope.record('EventAge', now() - occurredAtMs, { queue });
    scope.logger.info(`message ${outcome}`, { outcome, ...detailsOf(worked) });
    if (!worked.acknowledge) throw new NotAcknowledged(outcome);
  }

  const working = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(
      event,
      (record: SQSRecord) => workOn(record, context),
      new BatchProcessor(EventType.SQS),
      // A batch that failed as a whole is reported like any other: an error would count as ours.
      { processInParallel: parallel, throwOnFullBatchFailure: false },
    );
  return traced(environment, working);
}

const neverCrash = async () => {};

interface Attempt {
  readonly trace: Trace;
  readonly remainingMs: number;
  readonly attempt: number;
}

/** Named one by one: a field that a later version adds must not make an event another one. */
const fingerprintOf = <T extends DomainEventType>({
  type,
  tenant,
  aggregate,
  seq,
  data,
}: EventOf<T>): string =>
  fingerprint({ method: 'EVENT', path: type, body: { tenant, aggregate, seq, data } });

/** Another event under the same id is somebody's mistake, and stays one. */
const toFault = (error: unknown): unknown =>
  error instanceof KeyReusedError ? new PermanentFault('event-id-reused', { cause: error }) : error;

const detailsOf = (worked: Worked<unknown>): Readonly<Record<string, string>> => ({
  ...('error' in worked && { error_name: worked.error }),
  ...('cause' in worked && { cause: worked.cause }),
});
