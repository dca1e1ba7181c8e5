/** Which engine answers at an address. */
import type { EngineName } from './names.ts';

/** LocalStack too answers at paths that are not its own, though not with 200; MiniStack has both. */
const healthOf: readonly (readonly [EngineName, string])[] = [
  ['ministack', '/_ministack/health'],
  ['localstack', '/_localstack/health'],
];

/** @throws Error when it is neither. */
export async function engineAt(endpoint: string, withinMs = 10_000): Promise<EngineName> {
  for (const [name, path] of healthOf) {
    const answer = await fetch(endpoint + path, { signal: AbortSignal.timeout(withinMs) });
    await answer.body?.cancel();
    if (answer.status === 200) return name;
  }
  throw new Error(`${endpoint} is no engine that is known here`);
}
