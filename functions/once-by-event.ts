/** A consumer's use case, once for each event, however often its message comes. */
import { type Deadline, deadline } from '#shared/deadline/deadline.ts';
import type { Outcome, UnitRequest } from '#shared/idempotency/decision.ts';
import {
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
} from '#shared/idempotency/errors.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import type { LeasedRequest } from '#shared/idempotency/leased-work.ts';
import type { Trace } from '#shared/telemetry/trace.ts';
import { InProgressElsewhere, PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from './consumed-event.ts';
import type { Consumer, DecidingConsumer, Done, EffectingConsumer } from './consumer.ts';
import type { EventType } from './tables/events.ts';
import { type QueueName, queues } from './tables/queues.ts';
import { retention } from './tables/retention.ts';
import type { Scope } from './telemetry.ts';
import { leasedUnitFor, unitFor } from './unit.ts';

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
 * @throws InProgressElsewhere while another worker is at it.
 */
export type OnceByEvent<T extends EventType> = (
  event: EventOf<T>,
  attempt: Attempt,
) => Promise<Done['outcome'] | 'duplicate'>;

export function onceByEvent<T extends EventType>(
  queue: QueueName,
  consumer: Consumer<T>,
): OnceByEvent<T> {
  const { crash = neverCrash } = consumer;
  const { tryMs } = queues[queue];

  return async (event, { attempt, trace, scope, time }) => {
    const request = {
      key: unitKey('inbox', queue, event.id),
      fingerprint: fingerprintOf(event),
      retainMs: retention.inboxMs,
      // A message that comes again was often worked on before.
      peek: attempt > 1,
      deadline: deadline({ inMs: Math.min(tryMs, time.remainingMs()) }),
      subject: queue,
    };
    await crash('before-effect', trace.traceId);
    const outcome = await (consumer.effect
      ? effected(consumer, event, { ...request, holdMs: tryMs }, { trace, scope })
      : decided(consumer, event, request, { trace, scope })
    ).catch((error: unknown) => {
      throw toWorkerFault(error);
    });
    await crash('after-effect', trace.traceId);
    if (outcome.how === 'refused') throw new Error('a consumer refuses nothing');
    return outcome.how === 'replayed' ? 'duplicate' : outcome.answer.outcome;
  };
}

type Around = Pick<Attempt, 'trace' | 'scope'>;

const decided = <T extends EventType>(
  { store, decide }: DecidingConsumer<T>,
  event: EventOf<T>,
  request: UnitRequest,
  { trace, scope }: Around,
): Promise<Outcome<Done, never>> =>
  unitFor(store, scope).run(request, (reader) =>
    decide(event, { reader, trace, deadline: request.deadline }),
  );

/** Under the event's id, which is what an auditor of the recipient knows too. */
async function effected<T extends EventType>(
  { store, effect, conclude = async () => [] }: EffectingConsumer<T>,
  event: EventOf<T>,
  request: LeasedRequest,
  { trace, scope }: Around,
): Promise<Outcome<Done, never>> {
  let thrown: { readonly error: unknown } | undefined;
  try {
    return await leasedUnitFor(store, scope).run<Done, Done, never>(
      { ...request, outsideKey: event.id },
      {
        async effect({ key, look, deadline: until }) {
          try {
            return { done: await effect(event, { key, look, trace, deadline: until }) };
          } catch (error) {
            thrown = { error };
            throw error;
          }
        },
        decide: async (answer, reader) => ({
          answer,
          writes: await conclude(event, answer, reader),
        }),
      },
    );
  } catch (error) {
    // The recipient's failure says more to an operator than that its outcome is unknown.
    throw thrown && error instanceof OutcomeUnknownError ? thrown.error : error;
  }
}

function toWorkerFault(cause: unknown): unknown {
  if (cause instanceof KeyReusedError) return new PermanentFault('event-id-reused', { cause });
  if (cause instanceof InProgressError)
    return new InProgressElsewhere(cause.retryAfterMs, { cause });
  return cause;
}

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
