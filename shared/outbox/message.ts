/** An event as a message: what travels between outbox and worker. */
import type { QueueMessage } from '../queue/queue.ts';
import { readTraceparent } from '../telemetry/trace.ts';
import type { DomainEvent } from './event.ts';

export interface MessageOptions {
  /** Adds X-Ray's own header, so that its picture of the trace goes on behind the queue. */
  readonly tracing: boolean;
}

export function toMessage(event: DomainEvent, { tracing }: MessageOptions): QueueMessage {
  const traceHeader = tracing ? toXRayHeader(event.traceparent) : undefined;
  return {
    id: event.id,
    body: toQueueText(event),
    attributes: {
      eventType: event.type,
      ...(event.traceparent && { traceparent: event.traceparent }),
    },
    ...(traceHeader && { traceHeader }),
  };
}

/** JSON that a queue takes: SQS refuses U+FFFE and U+FFFF, the only such characters JSON leaves bare. */
const toQueueText = (event: DomainEvent): string =>
  JSON.stringify(event).replace(
    /[\ufffe\uffff]/g,
    (bare) => `\\u${bare.charCodeAt(0).toString(16)}`,
  );

/** @see https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html */
function toXRayHeader(traceparent: string): string | undefined {
  const trace = readTraceparent(traceparent);
  if (!trace) return undefined;
  const { traceId, sampled } = trace;
  // No Parent: the span is ours, and X-Ray has never seen it.
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Sampled=${sampled ? 1 : 0}`;
}
