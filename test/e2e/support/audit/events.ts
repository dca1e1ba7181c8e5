/** Every event has its effect, or lies parked; and no effect is there twice, or without its event. */
import { auditAddress, lastEventAddress } from '#functions/domain/keys.ts';
import { sentMailAddress } from '#functions/simulated-email/simulated-email.ts';
import type { QueueName } from '#functions/tables/queues.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { type Books, eventIdOfParked, queueOf, recordIn, retainedAnswer } from './books.ts';

/** What its consumer made of it, by the record of its inbox; undefined for nothing so far. */
export function outcomeOf(books: Books, event: DomainEvent): string | undefined {
  const key = unitKey('inbox', queueOf(event) ?? '', event.id);
  const record = recordIn(books.at(recordAddress('state', key)));
  const answer = record && retainedAnswer(record);
  return answer && typeof answer === 'object' && 'outcome' in answer
    ? String(answer.outcome)
    : undefined;
}

/** Events that nothing has become of. */
export function unsettled(books: Books): readonly DomainEvent[] {
  const parked = new Set(books.parked.map(eventIdOfParked));
  return books.events.filter((event) => !parked.has(event.id) && !outcomeOf(books, event));
}

export const everyEventIsSettled = (books: Books): readonly string[] =>
  unsettled(books).map((event) => `${show(event)} has neither effect nor letter`);

/** What no consumer can do, as their code knows at once. */
const permanent: ReadonlySet<unknown> = new Set([
  'order-missing',
  'relay-job-missing',
  'invalid-event-data',
]);

/**
 * What no consumer can do is parked, once, with its cause. Anything else may be given up where tries
 * run out, or a worker has died too often; but never for a reason that is not true.
 */
export const poisonIsParkedOnce = (books: Books): readonly string[] => {
  const letters = Map.groupBy(books.parked, eventIdOfParked);
  return [
    ...[...books.poison]
      .filter((id) => letters.get(id)?.length !== 1)
      .map((id) => `poison ${id} has ${letters.get(id)?.length ?? 0} letters`),
    ...books.events
      .filter(({ id }) => !books.poison.has(id))
      .filter(({ id }) => letters.get(id)?.some(({ cause }) => permanent.has(cause)))
      .map((event) => `${show(event)} is parked as ${letters.get(event.id)?.[0]?.['cause']}`),
    ...[...letters]
      .filter(([, all]) => all.length > 1)
      .map(([id, all]) => `event ${id} has ${all.length} letters`),
  ];
};

/** Versions of one aggregate are told one by one, none twice and none left out. */
export const sequencesAreWhole = (books: Books): readonly string[] => {
  const ours = books.events.filter(({ id }) => !books.poison.has(id));
  const byAggregate = Map.groupBy(ours, ({ tenant, aggregate }) => `${tenant} ${aggregate}`);
  return [...byAggregate].flatMap(([aggregate, events]) => {
    const seqs = events.map(({ seq }) => seq).sort((a, b) => a - b);
    const first = aggregate.includes(' item/') ? 2 : 1; // items were there before the first event
    return seqs.every((seq, index) => seq === index + first)
      ? []
      : [`${aggregate} tells of ${seqs}`];
  });
};

/** One mail for each event that its consumer has done, and for none that it could not deliver. */
export const mailsAreSentOnce = (books: Books): readonly string[] => {
  const due = books.events.filter((event) => queueOf(event) === 'email:send');
  return due.flatMap((event) => {
    const mail = books.at(sentMailAddress(event.id));
    const outcome = outcomeOf(books, event);
    return (outcome === 'done') === (mail !== undefined)
      ? []
      : [`${show(event)} is ${outcome}, and ${mail ? 'a' : 'no'} mail was sent`];
  });
};

/** One entry for each audited event that was done, violations among them, and as many in all. */
export const auditIsWhole = (books: Books): readonly string[] => {
  const due = [...audited(books), ...doneBy(books, 'violation:record')];
  const missing = due.filter(({ tenant, id, occurredAtMs }) => {
    const day = new Date(occurredAtMs).toISOString().slice(0, 10);
    return !books.at(auditAddress(tenant, day, id));
  });
  const entries = books.ofKind('audit').length;
  return [
    ...missing.map((event) => `${show(event)} is not in the audit`),
    ...(entries === due.length ? [] : [`${entries} entries in the audit of ${due.length} events`]),
  ];
};

/** The last that is known of an aggregate is the last that happened to it: no older event came over it. */
export const lastEventsAreLast = (books: Books): readonly string[] => {
  return [
    ...Map.groupBy(audited(books), ({ tenant, aggregate }) => lastKey(tenant, aggregate)),
  ].flatMap(([, events]) => {
    const last = events.reduce((a, b) => (b.seq > a.seq ? b : a));
    const kept = books.at(lastEventAddress(last.tenant, last.aggregate));
    return kept?.['lastEventId'] === last.id
      ? []
      : [`${show(last)} is the last, kept is ${JSON.stringify(kept)}`];
  });
};

const doneBy = (books: Books, queue: QueueName): readonly DomainEvent[] =>
  books.events.filter((event) => queueOf(event) === queue && outcomeOf(books, event));

const audited = (books: Books): readonly DomainEvent[] => doneBy(books, 'audit:record');

const lastKey = (tenant: string, aggregate: string): string => JSON.stringify([tenant, aggregate]);

const show = ({ type, aggregate, seq, traceparent }: DomainEvent): string =>
  `${type} ${aggregate}@${seq} (${traceparent})`;
