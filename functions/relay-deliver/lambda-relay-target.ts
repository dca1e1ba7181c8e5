/** The relay's target over the simulated one, a Lambda function of its own. */
import { type LambdaRecipientOptions, lambdaRecipient } from '../lambda-recipient.ts';
import type { RelayTarget } from './relay-target.ts';

/** The target failed, or gave no answer: it may have taken the job all the same. */
export class RelayTargetUnavailableError extends Error {
  override name = 'RelayTargetUnavailableError';
}

export const lambdaRelayTarget = (
  options: Omit<LambdaRecipientOptions, 'unavailable'>,
): RelayTarget => ({
  take: lambdaRecipient({
    ...options,
    unavailable: (message) => new RelayTargetUnavailableError(message),
  }),
});
