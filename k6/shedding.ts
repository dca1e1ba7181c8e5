/**
 * When more is asked than the workers can do: does important work stay intact, does what matters least
 * give way first, and is all of it served again afterwards?
 *
 * The mail provider is slowed and orders come faster than their mails go out, so that the queues
 * really grow, past both levels. All the time the same calls come at a constant rate, as many of
 * each priority. Then the provider is well again, and the queues drain. Nothing is held against a
 * time in milliseconds: the machine may be slow. For a stack that nobody else uses.
 *
 * Environment: API_URL, CALLERS (of the tenant load), SEED, RATE (of the constant calls, a second),
 * SECONDS (of calm, and of overload once it is at its worst).
 */
import { check, fail } from 'k6';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { judge } from './shedding/judge.ts';
import { type Watch, watching, watchThresholds } from './shedding/watch.ts';
import { newOrder, priorities } from './shedding/works.ts';
import { ask, retryAfterSeconds } from './support/ask.ts';
import { callersNamed } from './support/callers.ts';
import { atPace, pause } from './support/loop.ts';
import { seeded } from './support/random.ts';
import { say } from './support/say.ts';

interface Facts {
  /** The type of the problem. */
  readonly refusal: string;
  readonly levels: readonly string[];
  /** The first level at which a priority is refused. */
  readonly refusedFrom: Readonly<Record<string, string>>;
  readonly mailsAtOnce: number;
}

const { refusal, levels, refusedFrom, mailsAtOnce }: Facts = JSON.parse(
  open('./generated/pressure.json'),
);

const rate = Number(__ENV['RATE'] ?? 5);
/** The same in every run, unless somebody asks for another. */
const seed = Number(__ENV['SEED'] ?? 5);
const seconds = Number(__ENV['SECONDS'] ?? 20);

/** Below the 5 s after which a mail counts as failed, which would be another question. */
const mailLatencyMs = 4_000;
const mailsPerSecond = (mailsAtOnce * 1_000) / mailLatencyMs;
/** Times as many orders as mails can be sent. */
const overloadFactor = 4;

/** Together less than the local engine has environments for beside those of slow mails. */
const mostInFlight = { constant: 14, flood: 9 } as const;
const longestMs = { quiet: 60_000, overload: 180_000, recovery: 240_000 } as const;

const faultsTakenBack = new Rate('faults_taken_back');
const finished = new Rate('finished');

export const options: Options = {
  scenarios: {
    shedding: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '10m' },
  },
  thresholds: {
    ...watchThresholds,
    checks: ['rate==1'],
    faults_taken_back: ['rate==1'],
    finished: ['rate==1'],
  },
};

// To be turned away is what is asked for here.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }, 503));

const { customer, admin, operator } = callersNamed('customer', 'admin', 'operator');
const random = seeded(seed);

interface Made {
  readonly run: string;
}

/** Makes the mail provider slow, and nothing else of it bad. At most 10 tries. */
async function slowMails(latencyMs: number, run: string): Promise<boolean> {
  for (let tries = 1; tries <= 10; tries++) {
    const { status } = await ask(admin, {
      route: 'set-simulated-faults',
      method: 'PUT',
      path: '/simulated/email/faults',
      body: { errorRatio: 0, latencyMs, hang: false, reset: false },
      headers: { 'idempotency-key': `${run}-mails-${latencyMs}-${Date.now()}` },
    });
    if (status === 200) return true;
    await pause(500 * tries);
  }
  return false;
}

const rank = (level = 'NORMAL'): number => levels.indexOf(level);

/** What an earlier load has left behind must be done before. */
async function quiet(watch: Watch): Promise<void> {
  const untilMs = Date.now() + longestMs.quiet;
  while ((await watch.look())?.level !== 'NORMAL') {
    if (Date.now() > untilMs) fail('the service is under pressure before the test begins');
    await pause(2_000);
  }
}

/** Orders and nothing else; where they are refused, not before it is their time again. */
async function flood(run: string, goesOn: () => boolean): Promise<number> {
  let accepted = 0;
  let nth = 0;
  let quietUntilMs = 0;
  await atPace(
    {
      everyMs: 1_000 / (overloadFactor * mailsPerSecond),
      mostInFlight: mostInFlight.flood,
      while: goesOn,
    },
    async () => {
      if (Date.now() < quietUntilMs) return;
      nth += 1;
      const { asked, done } = newOrder(`${run}-flood-${nth}`);
      const answer = await ask(customer, asked);
      if (answer.status === done) accepted += 1;
      else quietUntilMs = Date.now() + 1_000 * (retryAfterSeconds(answer) ?? 1);
    },
  );
  return accepted;
}

/** Until the level that refuses NORMAL has stood for a while. */
async function overload(watch: Watch, run: string): Promise<void> {
  const startedAtMs = Date.now();
  let worstSinceMs = Number.POSITIVE_INFINITY;
  const goesOn = (): boolean => {
    const nowMs = Date.now();
    if (rank(watch.readings.at(-1)?.level) >= rank(refusedFrom['NORMAL']))
      worstSinceMs = Math.min(worstSinceMs, nowMs);
    return nowMs - startedAtMs < longestMs.overload && nowMs - worstSinceMs < 1_000 * seconds;
  };
  const looking = async () => {
    while (goesOn()) {
      await watch.look();
      await pause(1_000);
    }
  };
  const [accepted] = await Promise.all([flood(run, goesOn), looking()]);
  const elapsedSeconds = (Date.now() - startedAtMs) / 1_000;
  const most = Math.round(elapsedSeconds * mailsPerSecond);
  say(`overload: ${accepted} orders besides, where ${most} mails can be sent at most`);
}

/** Until the queues are short again and the last call of each priority was served. */
async function recovery(watch: Watch): Promise<boolean> {
  const untilMs = Date.now() + longestMs.recovery;
  const isServed = (priority: string): boolean =>
    watch.outcomes.findLast((each) => each.phase === 'recovery' && each.priority === priority)
      ?.is === 'done';
  const isWell = (): boolean =>
    watch.readings.at(-1)?.level === 'NORMAL' && priorities.every(isServed);
  while (Date.now() < untilMs && !isWell()) {
    await watch.look();
    await pause(1_000);
  }
  return isWell();
}

/** @returns how many seconds it took. */
async function timed(work: () => Promise<void>): Promise<number> {
  const startedAtMs = Date.now();
  await work();
  return (Date.now() - startedAtMs) / 1_000;
}

export async function setup(): Promise<Made> {
  say(`SEED=${seed}`);
  // So that no key of it was ever used before.
  return { run: `shed-${Date.now()}` };
}

export default async function shedding({ run }: Made): Promise<void> {
  const watch = watching({ customer, operator, run, refusal, random });
  await quiet(watch);
  await watch.warm();
  let goesOn = true;
  const constant = atPace(
    { everyMs: 1_000 / rate, mostInFlight: mostInFlight.constant, while: () => goesOn },
    watch.call,
  );
  const took = {
    calm: await timed(() => pause(1_000 * seconds)),
    overload: await timed(async () => {
      watch.enter('overload');
      if (!(await slowMails(mailLatencyMs, run))) fail('the mails cannot be slowed');
      await overload(watch, run);
    }),
    recovery: await timed(async () => {
      watch.enter('recovery');
      if (!(await slowMails(0, run))) fail('the mails cannot be made fast again');
      check(await recovery(watch), { 'all are served again': (well) => well });
    }),
  };
  goesOn = false;
  const left = await constant;
  say(`${left} constant calls were not made, for want of room; ${watch.outcomes.length} were`);
  judge(watch, took);
  finished.add(true);
}

/** Also when the test failed, or was ended. */
export async function teardown({ run }: Made): Promise<void> {
  faultsTakenBack.add(await slowMails(0, run));
}
