import { DeadlineExceededError } from '../deadline/deadline.ts';
import type { Asked, Exchange, Member } from './exchange.ts';
import { Problem, toAnswer } from './problem.ts';
import type { ProblemSlug } from './problem-types.ts';

export interface Failure extends Asked {
  readonly slug: ProblemSlug;
}

export interface ProblemsOptions {
  /** The problem that a known error of the libraries below is; undefined for any other. */
  readonly toProblem?: (error: unknown) => Problem | undefined;
  /** Called once for every answer from 500, with what was thrown. Must not throw. */
  readonly onFault: (error: unknown, failure: Failure) => Promise<void> | void;
}

/** Makes an answer of everything thrown. What is not known to be harmless is `internal`, without detail. */
export const problems = ({ toProblem = () => undefined, onFault }: ProblemsOptions): Member => ({
  name: 'problems',
  onError: async (request) => {
    const { error, internal } = request;
    const { arrival, caller } = internal.exchange;
    const problem =
      error instanceof Problem
        ? error
        : (toProblem(error) ?? timeProblem(error, internal.exchange) ?? new Problem('internal'));
    internal.exchange.problemSlug = problem.slug;
    if (problem.status >= 500) await onFault(error, { arrival, caller, slug: problem.slug });
    request.response = toAnswer(problem, arrival.requestId);
  },
});

/** A call that was aborted because time ran out is not a fault of what it called. */
function timeProblem(
  error: unknown,
  { deadline, deadlineIsCallers }: Exchange,
): Problem | undefined {
  const aborted =
    deadline?.signal.aborted === true && error instanceof Error && error.name === 'AbortError';
  return aborted || error instanceof DeadlineExceededError
    ? new Problem(deadlineIsCallers ? 'caller-deadline-exceeded' : 'deadline-exceeded', {
        cause: error,
      })
    : undefined;
}
