/** The mailer over the simulated provider, a Lambda function of its own. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions } from '#shared/aws/client-options.ts';
import { toTraceparent } from '#shared/telemetry/trace.ts';
import { RecipientFault } from '#shared/worker/faults.ts';
import type { Mailer } from './mailer.ts';

/** The provider failed, or gave no answer: it may have sent the mail all the same. */
export class MailerUnavailableError extends Error {
  override name = 'MailerUnavailableError';
}

/** One attempt of bounded time: the worker's own delays are the retries. */
export const lambdaClient = (): LambdaClient =>
  new LambdaClient(clientOptions({ maxAttempts: 1, requestTimeoutMs: 5_000 }));

export interface LambdaMailerOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
}

export const lambdaMailer = ({ client, functionName }: LambdaMailerOptions): Mailer => ({
  async send(mail, { trace, deadline }) {
    const payload = { ...mail, traceparent: toTraceparent(trace) };
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
      { abortSignal: deadline.signal },
    );
    if (FunctionError) throw new MailerUnavailableError('the provider broke the connection');
    const status = statusOf(Payload);
    if (isRefusal(status)) throw new RecipientFault(`the provider answered ${status}`);
    if (status < 200 || status >= 300)
      throw new MailerUnavailableError(`the provider answered ${status}`);
  },
});

/** A 408 or 429 is about this moment, not about this mail. */
const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 429;

/** 0 for an answer that is none. */
function statusOf(payload: Uint8Array | undefined): number {
  const answer: unknown = JSON.parse(Buffer.from(payload ?? []).toString() || 'null');
  const status = answer && typeof answer === 'object' && 'status' in answer ? answer.status : 0;
  return typeof status === 'number' ? status : 0;
}
