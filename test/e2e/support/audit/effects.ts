/** One effect a key: where its caller was told that it was done, and none where not. */
import { isDeepStrictEqual } from 'node:util';
import type { EventType } from '#functions/tables/events.ts';
import type { RouteName } from '#functions/tables/routes.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { madeIdOf, nameOf, recordKeyOf } from '../hammer/action.ts';
import { contradictions, doneAnswer, isDone, type Told } from '../hammer/told.ts';
import { type Books, isLease, recordIn, retainedAnswer, traceIdOf } from './books.ts';

export const answersAgree = ({ told }: Books): readonly string[] => told.flatMap(contradictions);

interface Effect {
  /** What it publishes itself; what workers publish later has its trace as well. */
  readonly events: readonly EventType[];
  /** It may find that everything is as it was asked for, and then does nothing. */
  readonly mayChangeNothing?: boolean;
}

export const effects: Readonly<Partial<Record<RouteName, Effect>>> = {
  'create-order': { events: ['order.created'] },
  'update-order': { events: ['order.changed'], mayChangeNothing: true },
  'cancel-order': { events: ['order.cancelled'] },
  'update-item': { events: ['item.changed'] },
  'create-transfer': { events: ['transfer.completed'] },
  'create-booking': { events: ['booking.held'] },
  'confirm-booking': { events: ['booking.confirmed'], mayChangeNothing: true },
  'release-booking': { events: ['booking.released'] },
  'cast-vote': { events: ['vote.cast'], mayChangeNothing: true },
  'withdraw-vote': { events: ['vote.withdrawn'], mayChangeNothing: true },
  'redeem-coupon': { events: ['coupon.redeemed'] },
  'claim-daily-reward': { events: ['reward.claimed'] },
  'create-relay-job': { events: ['relay.accepted'] },
};

/** By the trace of whichever of its sends was the one. */
export const oneEffectEach = (books: Books): readonly string[] => {
  const byTrace = Map.groupBy(books.events, traceIdOf);
  return books.told.flatMap((told) => {
    const { events = [], mayChangeNothing = false } = effects[told.action.route] ?? {};
    const types: readonly string[] = events;
    const published = told.traceIds
      .flatMap((traceId) => byTrace.get(traceId) ?? [])
      .filter(({ type }) => types.includes(type));
    const done = doneAnswer(told) !== undefined;
    const right = done
      ? published.length === 1 || (mayChangeNothing && published.length === 0)
      : published.length === 0;
    return right
      ? []
      : [
          `${nameOf(told.action)} was ${done ? 'done' : 'refused'} and had ${published.length} effects: ${published.map(({ traceparent, type }) => `${type} in ${traceparent}`)}`,
        ];
  });
};

/** Time alone does the first; what the second is of was refused (violations.ts). */
const ofNoRequest: ReadonlySet<string> = new Set<EventType>(['booking.lapsed', 'tenant.violated']);

/** No effect that nobody asked for: each event of a route belongs to one of its requests. */
export const noEffectUnasked = (books: Books): readonly string[] => {
  const asked = new Set(books.told.flatMap(({ traceIds }) => traceIds));
  return books.events
    .filter(({ id, type }) => !books.poison.has(id) && !ofNoRequest.has(type))
    .filter((event) => !asked.has(traceIdOf(event)))
    .map(({ type, aggregate }) => `nobody asked for ${type} of ${aggregate}`);
};

/** A record for each that was done, with the answer that its callers heard; for a refusal none. */
export const recordsAreTheAnswers = (books: Books): readonly string[] => {
  return books.told.flatMap((told) => {
    const { action } = told;
    const standing = books.at(recordAddress('state', recordKeyOf(action)));
    if (isLease(standing)) return [`${nameOf(action)} has a lease and no end`];
    const records = [standing, books.madeOf(madeIdOf(action))].flatMap(
      (item) => recordIn(item) ?? [],
    );
    const done = doneAnswer(told);
    const due = done ? 1 : 0;
    if (records.length !== due)
      return [`${nameOf(action)} has ${records.length} records, not ${due}`];
    return records.flatMap((record) => mismatch(told, retainedAnswer(record)));
  });
};

function mismatch(told: Told, retained: unknown): readonly string[] {
  if (retained === undefined) return [];
  const { body } = told.answers.find(isDone) ?? {};
  return isDeepStrictEqual(retained, body)
    ? []
    : [
        `${nameOf(told.action)} was answered ${JSON.stringify(body)}, retained is ${JSON.stringify(retained)}`,
      ];
}

/** No record keeps an answer that says that something failed. */
export const noFailureIsRetained = ({ state }: Books): readonly string[] =>
  state
    .filter(({ pk, answer }) => String(pk).startsWith('idem#') && isProblem(answer))
    .map(({ pk }) => `${pk} retains a problem`);

const isProblem = (answer: unknown): boolean =>
  typeof answer === 'string' &&
  String((JSON.parse(answer) as { readonly type?: unknown } | null)?.type).startsWith('/problems/');
