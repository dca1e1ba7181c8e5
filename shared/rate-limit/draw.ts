/** How tokens for a lease are taken from their bucket. */
import type { RateLimiter, Take } from './rate-limiter.ts';

/** What the bucket answered, and of how many tokens. */
export interface Drawn {
  readonly take: Take;
  readonly tokens: number;
  readonly askedMs: number;
}

interface Wanted {
  readonly wanted: number;
  /** Less is of no use. */
  readonly least: number;
}

/** All that is wanted; else all that there is, if it is enough. */
export async function drawn(
  ask: (tokens: number) => ReturnType<RateLimiter['take']>,
  { wanted, least }: Wanted,
  now: () => number,
): Promise<Drawn> {
  const askFor = async (tokens: number): Promise<Drawn> => {
    const askedMs = now();
    return { askedMs, take: await ask(tokens), tokens };
  };
  const isEnough = ({ take, tokens }: Drawn) =>
    !take.allowed && tokens > least && take.remaining >= least;
  const all = await askFor(wanted);
  if (!isEnough(all)) return all;
  const rest = await askFor(all.take.remaining);
  // Others were quicker: only a refusal of the least is one.
  return isEnough(rest) ? askFor(least) : rest;
}
