/** What callers were told of an action, and what of it cannot be. */

import { isDeepStrictEqual } from 'node:util';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import { type Action, nameOf } from './action.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The headers that say something of the answer itself. */
  readonly etag: string | null;
  readonly location: string | null;
  readonly replayed: boolean;
  readonly sentAtMs: number;
  readonly heardAtMs: number;
  readonly traceId: string;
}

/** All that one action led to, as its callers know it. */
export interface Told {
  readonly action: Action;
  /** The last answer to each time it was sent. */
  readonly answers: readonly Answer[];
  /** Those before, which said to come back. */
  readonly turnedAway: readonly Answer[];
  /** Of each try, those that were told to come back later among them. */
  readonly traceIds: readonly string[];
  /** The same key, sent with another body once it had been done. */
  readonly impostors: readonly Answer[];
  /** The same request under the same key, by one who named another tenant as well. */
  readonly trespasses: readonly Trespass[];
}

export interface Trespass {
  readonly naming: string;
  readonly answer: Answer;
  /** Of each try. */
  readonly traceIds: readonly string[];
}

export const isDone = ({ status }: Pick<Answer, 'status'>): boolean =>
  status >= 200 && status < 300;

/** The answer that the action had, once it was done. */
export const doneAnswer = ({ answers }: Told): Answer | undefined => answers.find(isDone);

export const slugOf = ({ body }: Pick<Answer, 'body'>): string | undefined => {
  const { type } = (body ?? {}) as { readonly type?: unknown };
  return typeof type === 'string' ? type.replace('/problems/', '') : undefined;
};

const passing: ReadonlySet<number> = new Set([429, 503, 504]);
const underWay: ProblemSlug = 'request-in-progress';

/** What may pass. Any other answer is the last word, a 500 among them: it convicts. */
export const saysLater = (answer: Pick<Answer, 'status' | 'body'>): boolean =>
  passing.has(answer.status) || slugOf(answer) === underWay;

/** What the business may say no with; anything else says that the run itself is wrong. */
const mayRefuse = ({ route }: Action): readonly string[] => {
  const { problems }: RouteContract = contracts[route];
  return [...problems, 'not-found'];
};

/** Of what says to come back: what nobody says of a request that was done. */
const undone: ReadonlySet<string | undefined> = new Set<ProblemSlug>([
  'relay-full',
  'request-in-progress',
]);

const said = ({ status, body, etag, location }: Answer) => ({ status, body, etag, location });

/**
 * Once an action is done, whoever asks later hears the first answer, to the letter, marked as
 * replayed. Before that it may be refused, as often as the business likes: a refusal leaves nothing
 * behind, so the same request may succeed later.
 */
export function contradictions(told: Told): readonly string[] {
  const { action, answers, turnedAway, impostors } = told;
  const first = doneAnswer(told);
  const doneAtMs = Math.min(...answers.filter(isDone).map(({ heardAtMs }) => heardAtMs));
  const found = answers.flatMap((answer) => {
    if (isDone(answer))
      return first && isDeepStrictEqual(said(answer), said(first))
        ? []
        : [`was answered ${show(first)} and ${show(answer)}`];
    if (!mayRefuse(action).includes(slugOf(answer) ?? ''))
      return [`was answered ${show(answer)}, which its route never says`];
    return answer.sentAtMs > doneAtMs ? [`was done and later refused: ${show(answer)}`] : [];
  });
  const sentBack = turnedAway.filter(
    (answer) => undone.has(slugOf(answer)) && answer.sentAtMs > doneAtMs,
  );
  const fresh = answers.filter((answer) => isDone(answer) && !answer.replayed).length;
  const lateFresh = answers.some(
    (answer) => isDone(answer) && !answer.replayed && answer.sentAtMs > doneAtMs,
  );
  const accepted = impostors.filter((answer) => slugOf(answer) !== 'idempotency-key-reused');
  return [
    ...found,
    ...sentBack.map((answer) => `was done and later turned away: ${show(answer)}`),
    ...(fresh > 1 ? [`was answered ${fresh} times as if for the first time`] : []),
    ...(lateFresh ? ['was answered as if for the first time after it had been done'] : []),
    ...accepted.map((answer) => `had its key taken for another request: ${show(answer)}`),
  ].map((what) => `${nameOf(action)} ${what}`);
}

const show = (answer: Answer | undefined): string =>
  JSON.stringify(answer && { ...said(answer), replayed: answer.replayed, traceId: answer.traceId });
