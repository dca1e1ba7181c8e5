/** What every answer of a limited call is held to, and what all answers of a limit are. */
import { Rate } from 'k6/metrics';
import { type Answer, problemOf, retryAfterSeconds } from '../support/ask.ts';
import {
  admittedTooMany,
  type Bucket,
  type CountedCall,
  refusedTooEarly,
} from '../support/bucket.ts';
import { say } from '../support/say.ts';

/** The parts that reach a limit of the service. */
const limitedParts = ['user', 'tenant', 'weight', 'address'] as const;
type LimitedPart = (typeof limitedParts)[number];
export type Part = LimitedPart | 'steady' | 'gateway';

const letsInNoMore = new Rate('lets_in_no_more');
const letsInNoLess = new Rate('lets_in_no_less');
const reached = new Rate('reached');
const backInTime = new Rate('back_in_time');
const toldWell = new Rate('refusals_told_well');
const standingsTold = new Rate('standings_told');
const gatewaysOwn = new Rate('gateway_refusals_told_apart');

/** All of them, in every part. */
export const heldThresholds: Readonly<Record<string, string[]>> = {
  ...Object.fromEntries(
    [letsInNoMore, letsInNoLess, reached, backInTime].flatMap(({ name }) =>
      limitedParts.map((part) => [`${name}{part:${part}}`, ['rate==1']]),
    ),
  ),
  refusals_told_well: ['rate==1'],
  // Without its store a limit says nothing, rather than what is wrong.
  standings_told: ['rate>=0.99'],
  gateway_refusals_told_apart: ['rate==1'],
};

export const isRefused = ({ status }: Answer): boolean => status === 429;

/** The service names its policies; the gateway knows of none. */
const isOfTheService = ({ headers }: Answer): boolean => 'Ratelimit-Policy' in headers;

const legacy = ['Ratelimit-Limit', 'Ratelimit-Remaining', 'Ratelimit-Reset'];

/** Every answer says where its caller stands, and every refusal when to come back, and why. */
export function judge(answer: Answer, policy: string, refusal: string): void {
  const { headers } = answer;
  standingsTold.add(
    (headers['Ratelimit-Policy'] ?? '').includes(`"${policy}";q=`) &&
      /^"[a-z-]+";r=\d+/.test(headers['Ratelimit'] ?? '') &&
      legacy.every((name) => /^\d+$/.test(headers[name] ?? '')),
  );
  if (!isRefused(answer)) return;
  const { type, 'violated-policies': violated } = problemOf(answer);
  toldWell.add(
    type === refusal &&
      Array.isArray(violated) &&
      violated.includes(policy) &&
      retryAfterSeconds(answer) !== undefined,
  );
}

/** The gateway's refusals are of the same type, and have nothing that is the service's. */
export function judgeOfGateway(answer: Answer, refusal: string): void {
  const { type, 'violated-policies': violated } = problemOf(answer);
  gatewaysOwn.add(
    !isOfTheService(answer) &&
      !('Ratelimit' in answer.headers) &&
      type === refusal &&
      violated === undefined &&
      retryAfterSeconds(answer) !== undefined,
  );
}

export interface Limited {
  readonly part: LimitedPart;
  readonly policy: string;
  readonly bucket: Bucket;
  /** Of a call, in tokens. Default 1. */
  readonly weight?: number;
}

/** All calls of one limit; at most so many environments decide them. */
export function hold(
  { part, policy, bucket, weight = 1 }: Limited,
  calls: readonly CountedCall[],
  environments: number,
): void {
  const over = admittedTooMany(bucket, calls, { weight, environments });
  const early = refusedTooEarly(bucket, calls, { weight });
  const admitted = calls.filter((call) => call.admitted).length;
  const elapsedMs =
    Math.max(...calls.map((call) => call.answeredAtMs)) -
    Math.min(...calls.map((call) => call.sentAtMs));
  letsInNoMore.add(over <= 0, { part });
  letsInNoLess.add(early === 0, { part });
  // A machine that is too slow for the limit says nothing about it.
  reached.add(admitted < calls.length, { part });
  say(
    `${part}: ${policy} let in ${admitted} of ${calls.length} in ${elapsedMs} ms; too many: ${Math.max(0, over)}, refused too early: ${early}`,
  );
}

/** Whether a call passes after the time that its caller was told. */
export function cameBack({ part }: Limited, passed: boolean): void {
  backInTime.add(passed, { part });
}

/** Makes calls of one limit, and keeps when they were made and what became of them. */
export function counting(policy: string, refusal: string, call: () => Promise<Answer>) {
  const calls: CountedCall[] = [];
  return {
    calls,
    async step(): Promise<Answer> {
      const sentAtMs = Date.now();
      const answer = await call();
      const admitted = !(isRefused(answer) && isOfTheService(answer));
      calls.push({ sentAtMs, answeredAtMs: Date.now(), admitted });
      judge(answer, policy, refusal);
      return answer;
    },
  };
}
