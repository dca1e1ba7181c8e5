/**
 * Does each limit let in its burst and its rate, no more and no less, and does every refused caller
 * hear when to come back?
 *
 * One part after the other, each with callers of its own: a user who floods, beside a neighbour; a
 * user just below the rate; a tenant of the smallest plan, at the service's limit and at the
 * gateway's; calls that cost more; bad tokens from one address. Calls are as cheap as can be: what is
 * invalid, or is not there, costs as much. For a stack that nobody else uses.
 *
 * Environment: API_URL, CALLERS, SEED, SECONDS (how long each limit is held at its end).
 */
import { check, fail } from 'k6';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { badOrder, noOrder, report } from './bursts/calls.ts';
import {
  cameBack,
  counting,
  heldThresholds,
  hold,
  isRefused,
  judge,
  judgeOfGateway,
  type Limited,
} from './bursts/held.ts';
import { type Answer, type Asked, ask, retryAfterSeconds } from './support/ask.ts';
import type { Bucket } from './support/bucket.ts';
import { type Caller, callersNamed } from './support/callers.ts';
import { atOnce, atPace, pause } from './support/loop.ts';
import { seeded } from './support/random.ts';
import { say } from './support/say.ts';

interface Facts {
  /** The type of a refusal, the gateway's own as well. */
  readonly refusal: string;
  /** By policy and tier. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, Bucket>>>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly plans: Readonly<Record<string, { readonly burst: number }>>;
}

const { refusal, policies, weights, plans }: Facts = JSON.parse(open('./generated/limits.json'));
const bucketOf = (policy: string, tier: string): Bucket =>
  policies[policy]?.[tier] ?? fail(`there is no ${policy} of ${tier}`);

/** The same in every run, unless somebody asks for another. */
const seed = Number(__ENV['SEED'] ?? 5);
const seconds = Number(__ENV['SECONDS'] ?? 4);
/** Beside each other; each takes an environment of the local engine. */
const loops = 12;

const othersServed = new Rate('others_served');
const belowTheRate = new Rate('served_below_the_rate');
const finished = new Rate('finished');

export const options: Options = {
  scenarios: {
    bursts: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '5m' },
  },
  thresholds: {
    ...heldThresholds,
    checks: ['rate==1'],
    // None is the aim. A machine at its end is late now and then, and says so with a 503 or 504.
    http_req_failed: ['rate<0.01'],
    others_served: ['rate==1'],
    served_below_the_rate: ['rate==1'],
    finished: ['rate==1'],
  },
};

// A refusal is no fault of the service.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }));

const callers = callersNamed(
  'flood',
  'neighbour',
  'steady',
  'reporter',
  'secretary',
  'free',
  'freeToo',
  'stranger',
);
const random = seeded(seed);

/** Stays away for as long as it was told, and asks again. */
async function comeBack(
  limited: Limited,
  refused: Answer | undefined,
  call: () => Promise<Answer>,
): Promise<void> {
  if (refused) await pause(1_000 * (retryAfterSeconds(refused) ?? 0));
  cameBack(limited, refused !== undefined && !isRefused(await call()));
}

interface Flood {
  readonly call: () => Promise<Answer>;
  /** Calls. */
  readonly most: number;
  /** After every tenth call. */
  readonly beside?: () => Promise<void>;
}

/** As much as it can until it has been refused for a while, in 25 s at most. */
async function flood(limited: Limited, { call, most, beside }: Flood): Promise<void> {
  const { calls, step } = counting(limited.policy, refusal, call);
  const startedAtMs = Date.now();
  let begun = 0;
  let lastRefused: Answer | undefined;
  let firstRefusalAtMs = Number.POSITIVE_INFINITY;
  await atOnce(loops, async () => {
    const nowMs = Date.now();
    const isEnough = nowMs - firstRefusalAtMs >= 1_000 * seconds;
    if (isEnough || begun >= most || nowMs - startedAtMs >= 25_000) return false;
    begun += 1;
    const isTenth = begun % 10 === 0;
    const answer = await step();
    if (isRefused(answer)) {
      lastRefused = answer;
      firstRefusalAtMs = Math.min(firstRefusalAtMs, Date.now());
    }
    if (isTenth) await beside?.();
    return true;
  });
  hold(limited, calls, loops);
  await comeBack(limited, lastRefused, call);
}

/** A new environment is slow, and asks its secrets first: a question of its own. */
async function warm(caller: Caller, asked: Asked): Promise<void> {
  await Promise.all(Array.from({ length: loops }, () => ask(caller, asked)));
}

const byUser = (): Promise<void> =>
  flood(
    { part: 'user', policy: 'user-write', bucket: bucketOf('user-write', 'user') },
    {
      call: () => ask(callers.flood, badOrder('user')),
      most: 900,
      beside: async () => {
        othersServed.add((await ask(callers.neighbour, badOrder('user'))).status === 400);
      },
    },
  );

/** Twice the burst, so that half of it has to have come back meanwhile. */
async function justBelowTheRate(): Promise<void> {
  const { capacity, refillEveryMs } = bucketOf('user-write', 'user');
  let left = 2 * capacity;
  await atPace(
    { everyMs: refillEveryMs / 0.9, mostInFlight: loops, while: () => left > 0 },
    async () => {
      left -= 1;
      const answer = await ask(callers.steady, badOrder('steady'));
      judge(answer, 'user-write', refusal);
      belowTheRate.add(answer.status === 400);
    },
  );
}

const free: Limited = {
  part: 'tenant',
  policy: 'tenant-write',
  bucket: bucketOf('tenant-write', 'free'),
};

/** Two users of one tenant, slower than the gateway would mind. */
async function byTenant(): Promise<void> {
  const { capacity, refillEveryMs } = free.bucket;
  // Whoever was here before may have left it empty.
  await pause(capacity * refillEveryMs);
  let nth = 0;
  const call = (): Promise<Answer> => {
    nth += 1;
    return ask(nth % 2 === 0 ? callers.free : callers.freeToo, badOrder('tenant'));
  };
  const { calls, step } = counting(free.policy, refusal, call);
  await Promise.all(Array.from({ length: capacity + 2 }, step));
  const untilMs = Date.now() + 1_000 * seconds;
  await atPace(
    { everyMs: refillEveryMs / 2, mostInFlight: 4, while: () => Date.now() < untilMs },
    async () => void (await step()),
  );
  hold(free, calls, loops);
  for (let times = 0; times < 2; times++) {
    const answers = await Promise.all(Array.from({ length: capacity + 1 }, call));
    await comeBack(free, answers.findLast(isRefused), call);
  }
}

/** More at once than its plan takes, and less than the service's own limit. */
async function byGateway(): Promise<void> {
  const plan = plans['free'] ?? fail('there is no plan free');
  await warm(callers.neighbour, noOrder('gateway'));
  await pause(2_500);
  const answers = await Promise.all(
    Array.from({ length: 2 * plan.burst + 4 }, () => ask(callers.free, noOrder('gateway'))),
  );
  const refused = answers.filter(isRefused);
  say(`gateway: refused ${refused.length} of ${answers.length} at once`);
  check(answers, {
    'the gateway refuses what is above its plan': () => refused.length > 0,
    'the gateway lets in the burst of its plan': () =>
      answers.length - refused.length >= plan.burst,
  });
  for (const answer of refused) judgeOfGateway(answer, refusal);
}

/** A dear call, with a colleague of the same tenant beside it. */
const byWeight = (): Promise<void> =>
  flood(
    {
      part: 'weight',
      policy: 'user-read',
      bucket: bucketOf('user-read', 'admin'),
      weight: weights['get-sales-report'] ?? fail('there is no report'),
    },
    {
      call: () => ask(callers.reporter, report('weight')),
      most: 300,
      beside: async () => {
        const { status } = await ask(callers.secretary, noOrder('weight'));
        othersServed.add(status === 404);
      },
    },
  );

/** Guesses at a token, of one address. */
async function byAddress(): Promise<void> {
  const limited: Limited = {
    part: 'address',
    policy: 'ip-anonymous-read',
    bucket: bucketOf('ip-read', 'anonymous'),
  };
  const guess = (): Caller => ({
    apiKey: callers.stranger.apiKey,
    token: `guess.${Math.floor(random() * 2 ** 32).toString(36)}.x`,
  });
  const statuses = new Set<number>();
  await flood(limited, {
    call: async () => {
      const answer = await ask(guess(), noOrder('address'));
      statuses.add(answer.status);
      return answer;
    },
    most: 400,
  });
  const { status } = await ask(callers.stranger, noOrder('address'));
  check(statuses, {
    'a bad token is 401, or 429': () => [...statuses].every((each) => each === 401 || each === 429),
    'a good token is served at the same address afterwards': () => status === 404,
  });
}

/** Under pressure calls are turned away before any limit is asked. What matters least tells first. */
export async function setup(): Promise<void> {
  say(`SEED=${seed}`);
  const untilMs = Date.now() + 60_000;
  while ((await ask(callers.secretary, report('weight'))).status !== 200) {
    if (Date.now() > untilMs) fail('the service is under pressure before the test begins');
    await pause(5_000);
  }
}

export default async function bursts(): Promise<void> {
  await warm(callers.neighbour, badOrder('user'));
  await byUser();
  await justBelowTheRate();
  await byTenant();
  await byGateway();
  await warm(callers.secretary, report('weight'));
  await byWeight();
  await byAddress();
  finished.add(true);
}
