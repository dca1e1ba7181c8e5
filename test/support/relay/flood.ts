/**
 * Far more jobs than the relay has room for, with everything that may happen to one on its way: lost
 * answers, workers that die, messages that come twice or never, letters, replays, and a reconciler that
 * is always too early.
 */

import { relayJobAddress } from '#functions/domain/keys.ts';
import { readRelayJob, relaySlots } from '#functions/domain/relay-job.ts';
import { relayBound, relayShares } from '#functions/tables/relay.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import { RecipientFault } from '#shared/worker/faults.ts';
import { lossy } from './broken.ts';
import { type Accepted, type DeskStore, relayDesk } from './relay-desk.ts';
import { shareOf, watched } from './watched.ts';

export interface FloodOptions {
  readonly store: DeskStore;
  readonly attempts: number;
  readonly inFlight: number;
  readonly workers: number;
  readonly random: () => number;
  /** Share of writes that are lost, of workers that die before or after the transition, of messages that
   *  come twice, of those that never come, and of jobs that the target fails at. */
  readonly badRatio: number;
  /** After so long the reconciler takes a job for lost, and so often it looks. */
  readonly overdueMs: number;
  readonly reconcileEveryMs: number;
  /** How long the target takes, at most. */
  readonly targetMs: number;
}

export interface Flooded {
  readonly accepted: number;
  readonly refused: number;
  /** Requests that heard nothing certain. */
  readonly unknown: number;
  /** The most that were accepted at once, for certain. */
  readonly mostAtOnce: number;
  readonly parked: number;
  /** What must never be, as it was seen. Empty is good. */
  readonly violations: readonly string[];
}

const maxAttempts = 3;
const maxReplays = 2;
const maxBurials = 6;
/** Attempts from one look at the counters to the next. */
const samplingEvery = 50;
const tenants = ['acme', 'globex', 'initech', 'load', 'hooli', 'umbrella'];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Message {
  readonly event: Accepted;
  readonly attempt: number;
  readonly replays: number;
}

export async function flood({
  store: truth,
  attempts,
  inFlight,
  workers,
  random,
  badRatio,
  overdueMs,
  reconcileEveryMs,
  targetMs,
}: FloodOptions): Promise<Flooded> {
  const violations = new Set<string>();
  const queue: Message[] = [];
  const inHand = new Set<Message>();
  const taken = new Map<string, Set<string>>();
  const tally = { accepted: 0, refused: 0, unknown: 0 };
  const unlucky = () => random() < badRatio;
  let settled = false;

  const seen = watched(truth, (event) => {
    const message = { event: event as Accepted, attempt: 1, replays: 0 };
    if (!unlucky()) queue.push(message);
    if (unlucky()) queue.push(message);
  });
  const desk = relayDesk({
    store: lossy(seen.store, { lostRatio: badRatio, random }),
    random,
    async take({ key, jobId }) {
      // What is left when nobody asks any more is drained as fast as it goes.
      if (!settled) await pause(random() * targetMs);
      if (unlucky()) throw new LostAnswerError('the target is down');
      if (random() < 0.05) throw new RecipientFault('404');
      taken.set(jobId, (taken.get(jobId) ?? new Set()).add(key));
    },
    async crash() {
      if (unlucky()) throw new Error('the worker died');
    },
  });

  async function checkCounters(): Promise<void> {
    for (const { tenant = '' } of relayShares.all) {
      const { at, capacity } = relaySlots(tenant);
      const count = Number((await truth.read(at))?.['taken'] ?? 0);
      if (count > capacity || count < 0)
        violations.add(`a counter is ${count > capacity ? 'above its share' : 'below 0'}`);
    }
  }

  let asked = 0;
  async function askForPlaces(): Promise<void> {
    while (asked < attempts) {
      const nth = ++asked;
      const tenant = tenants[Math.floor(random() * tenants.length)] ?? 'acme';
      await desk.accept(tenant).then(
        ({ how }) => void (how === 'refused' ? tally.refused++ : tally.accepted++),
        () => void tally.unknown++,
      );
      if (nth % samplingEvery === 0) await checkCounters();
    }
  }

  /** Its letter is parked, and then its job; whoever dies in between has it once more. */
  async function bury({ event, replays }: Message): Promise<void> {
    const name = { tenant: event.tenant, jobId: event.data.jobId };
    for (let nth = 1; await desk.park(name).then(unlucky, () => true); nth++)
      if (nth === maxBurials) return void violations.add('a job cannot be given up');
    if (replays < maxReplays && random() < 0.5)
      queue.push({ event, attempt: 1, replays: replays + 1 });
  }

  async function work(): Promise<void> {
    while (!settled || queue.length > 0 || inHand.size > 0) {
      const [message] = queue.splice(Math.floor(random() * queue.length), 1);
      if (!message) {
        await pause(5);
        continue;
      }
      inHand.add(message);
      await desk.work(message.event, message.attempt).catch(async () => {
        if (message.attempt >= maxAttempts) await bury(message);
        else queue.push({ ...message, attempt: message.attempt + 1 });
      });
      inHand.delete(message);
    }
  }

  async function reconcile(): Promise<void> {
    while (!settled) {
      // A run that loses an answer is a run that failed: the next one looks again.
      await desk.reconcile(overdueMs).catch(() => {});
      await pause(reconcileEveryMs);
    }
  }

  const working = Array.from({ length: workers }, work);
  const reconciling = reconcile();
  await Promise.all(Array.from({ length: inFlight }, askForPlaces));
  settled = true;
  await Promise.all([...working, reconciling]);

  const jobsNow = async () =>
    Promise.all(
      seen
        .names()
        .map(async ({ tenant, id }) => readRelayJob(await truth.read(relayJobAddress(tenant, id)))),
    );

  async function checkLedger(when: string): Promise<void> {
    const jobs = await jobsNow();
    for (const share of relayShares.all) {
      const name = share.tenant ?? 'others';
      const accepted = jobs.filter(
        (job) => job?.status === 'accepted' && shareOf(job.tenant) === name,
      ).length;
      const count = Number((await truth.read(relaySlots(share.tenant ?? '').at))?.['taken'] ?? 0);
      if (count !== accepted)
        violations.add(`${when} a counter is not the number of accepted jobs`);
      if (seen.mostAtOnce(name) > share.capacity) violations.add('a share was exceeded');
    }
    if (seen.mostAtOnce() > relayBound) violations.add('the bound was exceeded');
    for (const job of jobs) {
      if (job?.status === 'delivered' && !taken.has(job.id))
        violations.add('a job was delivered that the target never took');
      if (job && (taken.get(job.id)?.size ?? 0) > 1)
        violations.add('the target was asked for one job under two keys');
    }
  }

  await checkCounters();
  await checkLedger('at rest');
  const healing = relayDesk({ store: truth, random });
  await healing.reconcile(0).catch(() => violations.add('the reconciler failed'));
  await checkLedger('after reconciling');
  const jobs = await jobsNow();
  if (jobs.some((job) => job?.status === 'accepted')) violations.add('a slot is leaked');

  return {
    ...tally,
    mostAtOnce: seen.mostAtOnce(),
    parked: jobs.filter((job) => job?.status === 'parked').length,
    violations: [...violations],
  };
}
