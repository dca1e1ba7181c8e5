/** The mailer over the simulated provider, a Lambda function of its own. */
import { type LambdaRecipientOptions, lambdaRecipient } from '../lambda-recipient.ts';
import type { Mailer } from './mailer.ts';

/** The provider failed, or gave no answer: it may have sent the mail all the same. */
export class MailerUnavailableError extends Error {
  override name = 'MailerUnavailableError';
}

export type LambdaMailerOptions = Omit<LambdaRecipientOptions, 'unavailable'>;

export const lambdaMailer = (options: LambdaMailerOptions): Mailer => ({
  send: lambdaRecipient({
    ...options,
    unavailable: (message) => new MailerUnavailableError(message),
  }),
});
