/** How relay and sweeper hand events on, and what they say of it. */

import type { HandedOn, HandOnOptions } from '#shared/outbox/hand-on.ts';
import { eventOfStored, listing } from '#shared/parking/letter-items.ts';
import { priorities } from '#shared/pressure/priority.ts';
import { childOf, newTrace, readTraceparent } from '#shared/telemetry/trace.ts';
import { eventFields } from './event-fields.ts';
import type { Pseudonymize } from './pseudonymizer.ts';
import { eventRowOf } from './tables/events.ts';
import { retention } from './tables/retention.ts';
import type { Scope, Telemetry } from './telemetry.ts';

/** What this service decides about it; ports and `by` are the function's own. */
export const handingOn = {
  outboxTable: 'outbox',
  parkedTable: 'parked',
  ledgerMs: retention.outboxMs,
  parkedMs: retention.parkedMs,
  parkedAs: ({ item, ...parked }) => ({ ...listing(parked), ...eventOfStored(item) }),
  queueOf: (type: string) => eventRowOf(type)?.queue,
  rankOf: (type: string) => priorities.indexOf(eventRowOf(type)?.priority ?? 'LOW'),
} as const satisfies Partial<HandOnOptions>;

export interface ReportOptions {
  readonly signals: Telemetry;
  readonly pseudonymize: Pseudonymize;
  readonly now?: () => number;
  /** Counts an event that went to its queue after so long. */
  readonly count: (record: Scope['record'], queue: string, lagMs: number) => void;
}

/** One line an event, in the trace of the request that caused it. */
export async function report(
  happened: string,
  events: readonly HandedOn[],
  { signals, pseudonymize, now = Date.now, count }: ReportOptions,
): Promise<void> {
  for (const handed of events) {
    if (handed.how === 'failed') continue; // the pattern has told of it
    const { event } = handed;
    const trace = readTraceparent(event?.traceparent);
    const fields = event && (await eventFields(event, pseudonymize));
    const { logger, record } = signals.scope({
      trace: trace ? childOf(trace) : newTrace(),
      ...(event && { correlationId: event.correlationId }),
      ...(fields && { fields }),
    });
    if (handed.how === 'parked') {
      record('EventsParked', 1, {});
      logger.error('event parked', { cause: handed.cause });
    } else {
      const lagMs = now() - handed.event.occurredAtMs;
      count(record, handed.queue, lagMs);
      logger.info(`event ${happened}`, { queue: handed.queue, lag_ms: lagMs });
    }
  }
}
