/** Which version of an engine answers at an address, as it says itself. */
import * as z from 'zod';
import type { ProbedEngine } from './names.ts';

const says = z.looseObject({ version: z.string() });

const address = {
  ministack: '/_ministack/health',
  localstack: '/_localstack/info',
} as const satisfies Record<ProbedEngine, string>;

export async function versionAt(engine: ProbedEngine, endpoint: string): Promise<string> {
  const answer = await fetch(endpoint + address[engine], { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${engine} does not say its version: ${answer.status}`);
  // LocalStack adds which build it is.
  const [version = ''] = says.parse(await answer.json()).version.split(':');
  return version;
}
