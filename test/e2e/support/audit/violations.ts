/** Calls that named another tenant: each is refused, and what is recorded of them is true. */
import { isDeepStrictEqual } from 'node:util';
import { auditAddress, violationListPartition } from '#functions/domain/keys.ts';
import { readViolation, type Violated } from '#functions/domain/violation.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { nameOf } from '../hammer/action.ts';
import { slugOf, type Told, type Trespass } from '../hammer/told.ts';
import { type Books, queueOf, traceIdOf } from './books.ts';
import { outcomeOf } from './events.ts';

export const trespassersAreRefused = ({ told }: Books): readonly string[] =>
  told.flatMap(({ action, trespasses }) =>
    trespasses
      .filter(({ answer }) => answer.status !== 403 || slugOf(answer) !== 'tenant-mismatch')
      .map(({ naming, answer }) => `${nameOf(action)} named ${naming}: ${answer.status}`),
  );

/**
 * Of a flood only some are recorded; of those that are, each is of a call that was made, and says who
 * reached for whom. Its entry stands in the audit of the caller's tenant, and in the list.
 */
export const violationsAreRecorded = (books: Books): readonly string[] => {
  const made = new Map(
    books.told.flatMap((told) =>
      told.trespasses.flatMap((trespass) =>
        trespass.traceIds.map((traceId) => [traceId, { told, trespass }] as const),
      ),
    ),
  );
  const recorded = books.events.filter(
    (event) => queueOf(event) === 'violation:record' && !books.poison.has(event.id),
  );
  const byTrace = Map.groupBy(recorded, traceIdOf);
  return [
    ...(made.size > 0 && recorded.length === 0 ? ['no violation is recorded at all'] : []),
    ...[...byTrace].flatMap(([traceId, events]) => {
      const call = made.get(traceId);
      if (!call) return [`nobody made the violation in ${traceId}`];
      if (events.length > 1) return [`one violation is recorded ${events.length} times`];
      return events.flatMap((event) => [
        ...(isAbout(event, call.told, call.trespass)
          ? []
          : [`${nameOf(call.told.action)} is recorded as ${JSON.stringify(event)}`]),
        ...(outcomeOf(books, event) && !isEntered(books, event)
          ? [`the violation ${event.id} has no entry of its own`]
          : []),
      ]);
    }),
  ];
};

const isAbout = (
  { tenant, data: { suppressed: _, ...data } }: DomainEvent,
  { action: { caller, route } }: Told,
  { naming }: Trespass,
): boolean =>
  tenant === caller.tenant &&
  isDeepStrictEqual(data, {
    ...{ kind: 'other-tenant', place: 'header', attempted: naming },
    ...{ route, userId: caller.user },
  } satisfies Omit<Violated, 'suppressed'>);

function isEntered(books: Books, { id, tenant, occurredAtMs, data }: DomainEvent): boolean {
  const day = new Date(occurredAtMs).toISOString().slice(0, 10);
  const entry = books.at(auditAddress(tenant, day, id));
  return (
    entry !== undefined &&
    entry['listPk'] === violationListPartition &&
    isDeepStrictEqual(readViolation(entry).data, data)
  );
}
