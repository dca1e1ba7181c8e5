/** The relay: what became of every job that was accepted, and of the place that it had. */
import { relayJobAddress } from '#functions/domain/keys.ts';
import {
  type RelayJob,
  readRelayJob,
  relayAggregate,
  relaySlots,
} from '#functions/domain/relay-job.ts';
import { takenJobAddress } from '#functions/simulated-relay-target/simulated-relay-target.ts';
import { relayShares } from '#functions/tables/relay.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { type Books, eventIdOfParked, queueOf } from './books.ts';
import { outcomeOf } from './events.ts';

const endOf: Readonly<Record<string, RelayJob['status']>> = {
  done: 'delivered',
  undeliverable: 'failed',
};

/** Delivered or failed, as its worker says; parked where that has given it up. Accepted no more. */
export const jobsEndAsTheirEvents = (books: Books): readonly string[] => {
  const events = eventsByJob(books);
  return [...jobsOf(books).values()].flatMap((job) => {
    const [event, ...more] = events.get(job.id) ?? [];
    if (!event || more.length > 0) return [`${show(job)} has ${event ? 'several' : 'no'} events`];
    const due = endOf[outcomeOf(books, event) ?? ''] ?? 'parked';
    return job.status === due ? [] : [`${show(job)} is to be ${due}`];
  });
};

/** Of the shares that the run's tenants have, and have with others. */
export const placesAreAcceptedJobs = (books: Books): readonly string[] => {
  const shares = new Set(books.tenants.map((tenant) => relayShares.of(tenant)));
  const jobs = books.ofKindAnywhere('relay-job').flatMap(({ item }) => readRelayJob(item) ?? []);
  return [...shares].flatMap((share) => {
    const accepted = jobs.filter(
      ({ tenant, status }) => status === 'accepted' && relayShares.of(tenant) === share,
    ).length;
    const { at, standing } = relaySlots(share.tenant ?? '');
    const { taken } = standing(books.at(at));
    return taken === accepted
      ? []
      : [`${share.tenant ?? 'others'}: ${taken} places are taken by ${accepted} accepted jobs`];
  });
};

/** Under the id of its event, however often it was asked; and none that it would not have. */
export const targetTookJobsOnce = (books: Books): readonly string[] => {
  const jobs = jobsOf(books);
  const taken = new Map(
    books.state
      .filter(({ pk }) => String(pk).startsWith(takenJobAddress('').key['pk'] ?? ''))
      .map((item) => [String(item['pk']), String(item['jobId'])]),
  );
  const keys = Map.groupBy(taken.keys(), (pk) => taken.get(pk) ?? '');
  return [...eventsByJob(books)].flatMap(([id, [event]]) => {
    const job = jobs.get(id);
    const due = event && String(takenJobAddress(event.id).key['pk']);
    const under = keys.get(id) ?? [];
    const right =
      under.every((pk) => pk === due) &&
      (job?.status === 'delivered'
        ? under.length === 1
        : job?.status !== 'failed' || !under.length);
    return right ? [] : [`${job && show(job)} was taken by the target under ${under.length} keys`];
  });
};

/**
 * Whoever gives a job up leaves a letter, from which an operator has it delivered. A job with a letter
 * may have been delivered all the same, by a worker that was still at it.
 */
export const lettersAreOfParkedJobs = (books: Books): readonly string[] => {
  const lettered = new Set(books.parked.map(eventIdOfParked));
  const jobs = jobsOf(books);
  return [...eventsByJob(books)].flatMap(([id, events]) => {
    const job = jobs.get(id);
    const hasLetter = events.some((event) => lettered.has(event.id));
    if (!job) return [`${relayAggregate(id)} was accepted, and is not there`];
    if (job.status === 'parked' && !hasLetter) return [`${show(job)} has no letter`];
    return job.status === 'accepted' && hasLetter ? [`${show(job)} has a letter`] : [];
  });
};

const jobsOf = (books: Books): ReadonlyMap<string, RelayJob> =>
  new Map(
    books.ofKind('relay-job').flatMap(({ tenant, rest }) => {
      const job = readRelayJob(books.at(relayJobAddress(tenant, rest[0] ?? '')));
      return job ? [[job.id, job] as const] : [];
    }),
  );

const eventsByJob = (books: Books): ReadonlyMap<string, readonly DomainEvent[]> =>
  Map.groupBy(
    books.events.filter(
      (event) => queueOf(event) === 'relay:deliver' && !books.poison.has(event.id),
    ),
    ({ data }) => String(data['jobId']),
  );

const show = ({ tenant, id, status, version }: RelayJob): string =>
  `job ${tenant}/${id}, ${status} at ${version},`;
