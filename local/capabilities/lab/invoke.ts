/** One call of a function, with what it came to. */
import { type InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import type { Bench } from '../lab.ts';

export interface Invocation {
  readonly functionName: string;
  readonly payload?: unknown;
  /** `Event` returns as soon as the call is accepted. */
  readonly type?: InvocationType;
}

export interface Answer {
  /** What the function returned, or the error that it ended with. */
  readonly payload: unknown;
  /** Set when the function did not return: `Unhandled`. */
  readonly error: string | undefined;
}

export async function invoke(
  { clients: { lambda } }: Bench,
  { functionName, payload = {}, type = 'RequestResponse' }: Invocation,
): Promise<Answer> {
  const { Payload, FunctionError: error } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: type,
      Payload: Buffer.from(JSON.stringify(payload)),
    }),
  );
  const text = Payload ? Buffer.from(Payload).toString() : '';
  return { payload: text === '' ? undefined : JSON.parse(text), error };
}
