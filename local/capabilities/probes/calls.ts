/** HTTP calls of a probe, and how many of them ended how. */

/** An answer with its body read: connections are free for the next call. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Nobody answers later than this, whatever was asked. */
const patienceMs = 30_000;

export async function call(url: string, init: RequestInit = {}): Promise<HttpAnswer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), ...init });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** What a probe presupposes. @throws Error that says what came instead. */
export async function expectStatus(
  status: number,
  url: string,
  init?: RequestInit,
): Promise<HttpAnswer> {
  const answer = await call(url, init);
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.body.slice(0, 200)}`);
  return answer;
}

/** `12 × 200, 8 × 429`, by status. */
export function tallyOf(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

/** @throws Error unless each of them is one of the statuses a probe can judge. */
export function onlyStatuses(statuses: readonly number[], known: readonly number[]): void {
  const other = statuses.filter((status) => !known.includes(status));
  if (other.length > 0) throw new Error(`calls ended otherwise: ${tallyOf(other)}`);
}
