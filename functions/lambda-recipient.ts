/** Something outside that is a Lambda function of its own, and answers with a status as over HTTP. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions } from '#shared/aws/client-options.ts';
import type { Deadline } from '#shared/deadline/deadline.ts';
import { type Trace, toTraceparent } from '#shared/telemetry/trace.ts';
import { RecipientFault } from '#shared/worker/faults.ts';

/** One attempt of bounded time: the worker's own delays are the retries. */
export const lambdaClient = (): LambdaClient =>
  new LambdaClient(clientOptions({ maxAttempts: 1, requestTimeoutMs: 5_000 }));

export interface LambdaRecipientOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** The error for a recipient that failed, or gave no answer: it may have done it all the same. */
  readonly unavailable: (message: string) => Error;
}

export type AskRecipient = (
  request: object,
  around: { readonly trace: Trace; readonly deadline: Deadline },
) => Promise<void>;

/**
 * Resolves when the recipient has taken the request.
 * @throws RecipientFault when it never will (their 4xx), `unavailable` for what may pass, and what the
 *   client throws
 */
export const lambdaRecipient =
  ({ client, functionName, unavailable }: LambdaRecipientOptions): AskRecipient =>
  async (request, { trace, deadline }) => {
    const payload = { ...request, traceparent: toTraceparent(trace) };
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
      { abortSignal: deadline.signal },
    );
    if (FunctionError) throw unavailable('the recipient broke the connection');
    const status = statusOf(Payload);
    if (isRefusal(status)) throw new RecipientFault(`the recipient answered ${status}`);
    if (status < 200 || status >= 300) throw unavailable(`the recipient answered ${status}`);
  };

/** A 408 or 429 is about this moment, not about this request. */
const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 429;

/** 0 for an answer that is none. */
function statusOf(payload: Uint8Array | undefined): number {
  const answer: unknown = JSON.parse(Buffer.from(payload ?? []).toString() || 'null');
  const status = answer && typeof answer === 'object' && 'status' in answer ? answer.status : 0;
  return typeof status === 'number' ? status : 0;
}
