/** Which version of an engine answers at an address, as it says itself. */
import * as z from 'zod';
import type { ProbedEngine } from './names.ts';
import { EngineError } from './supervised.ts';

const says = z.looseObject({ version: z.string() });

const address = {
  ministack: '/_ministack/health',
  localstack: '/_localstack/info',
} as const satisfies Record<ProbedEngine, string>;

const answersWithinMs = 10_000;

/**
 * @throws EngineError when no such engine answers there.
 * @throws the reason of the signal.
 */
export async function versionAt(
  engine: ProbedEngine,
  endpoint: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]);
    const answer = await fetch(endpoint + address[engine], { signal: patience });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    // LocalStack adds which build it is.
    const [version = ''] = says.parse(await answer.json()).version.split(':');
    return version;
  } catch (error) {
    signal.throwIfAborted();
    throw new EngineError(
      `${endpoint} does not say which ${engine} it is, at ${address[engine]}: ${whyOf(error)}`,
      { cause: error },
    );
  }
}

/** A failed fetch says only that it has failed, and keeps what it met. */
function whyOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'it answered otherwise';
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
