/** A consumer's use case, once for each event, however often its message comes. */
import { type Deadline, deadline } from '#shared/deadline/deadline.ts';
import { KeyReusedError } from '#shared/idempotency/errors.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import type { Trace } from '#shared/telemetry/trace.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from './consumed-event.ts';
import type { Consumer, Done } from './consumer.ts';
import type { EventType } from './tables/events.ts';
import { type QueueName, queues } from './tables/queues.ts';
import { retention } from './tables/retention.ts';
import type { Scope } from './telemetry.ts';
import { unitFor } from './unit.ts';

export interface Attempt {
  /** Receives so far, this one included. */
  readonly attempt: number;
  readonly trace: Trace;
  readonly scope: Scope;
  /** What is left for the message altogether; its try takes no more than the queue's `tryMs` of it. */
  readonly time: Deadline;
}

/**
 * Answers what came of it; `duplicate` for an event that was done before.
 * @throws PermanentFault for another event under the same id: somebody's mistake, and it stays one.
 */
export type OnceByEvent<T extends EventType> = (
  event: EventOf<T>,
  attempt: Attempt,
) => Promise<Done['outcome'] | 'duplicate'>;

export const onceByEvent =
  <T extends EventType>(
    queue: QueueName,
    { store, decide, crash = neverCrash }: Consumer<T>,
  ): OnceByEvent<T> =>
  async (event, { attempt, trace, scope, time }) => {
    const tryTime = deadline({ inMs: Math.min(queues[queue].tryMs, time.remainingMs()) });
    await crash('before-effect', trace.traceId);
    const outcome = await unitFor(store, scope)
      .run(
        {
          key: unitKey('inbox', queue, event.id),
          fingerprint: fingerprintOf(event),
          retainMs: retention.inboxMs,
          // A message that comes again was often worked on before.
          peek: attempt > 1,
          deadline: tryTime,
          subject: queue,
        },
        (reader) => decide(event, { reader, trace, deadline: tryTime }),
      )
      .catch((cause: unknown) => {
        if (!(cause instanceof KeyReusedError)) throw cause;
        throw new PermanentFault('event-id-reused', { cause });
      });
    await crash('after-effect', trace.traceId);
    if (outcome.how === 'refused') throw new Error('a consumer refuses nothing');
    return outcome.how === 'replayed' ? 'duplicate' : outcome.answer.outcome;
  };

const neverCrash = async () => {};

/** Named one by one: a field that a later version adds must not make an event another one. */
const fingerprintOf = <T extends EventType>({
  type,
  tenant,
  aggregate,
  seq,
  data,
}: EventOf<T>): string =>
  fingerprint({ method: 'EVENT', path: type, body: { tenant, aggregate, seq, data } });
