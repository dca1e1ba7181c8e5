/** A simulated dependency's bad days, around its work. */
import type { SimulatedFaults } from './fault-items.ts';

export class ConnectionResetError extends Error {
  override name = 'ConnectionResetError';
}

export interface MisbehaveOptions<T> {
  readonly faults: SimulatedFaults;
  /** What it answers instead of working when it is out of order. */
  readonly unavailable: T;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Never answers; whoever waits runs into a timeout. */
  readonly hang?: () => Promise<never>;
}

/** @throws ConnectionResetError after the work was done, where the faults say so. */
export async function misbehaving<T>(
  work: () => Promise<T>,
  {
    faults: { errorRatio, latencyMs, hang, reset },
    unavailable,
    random = Math.random,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    hang: never = () => new Promise(() => setInterval(() => {}, 60_000)),
  }: MisbehaveOptions<T>,
): Promise<T> {
  if (latencyMs > 0) await sleep(latencyMs);
  if (hang) return never();
  if (random() < errorRatio) return unavailable;
  const answer = await work();
  if (reset) throw new ConnectionResetError('the answer was lost');
  return answer;
}
