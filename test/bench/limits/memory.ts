/** A decision in one process: ours beside rate-limiter-flexible's memory store. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import { round, spreadOf } from '../report.ts';
import { type Ask, limit, onlyRefusals } from './contender.ts';

const blocks = 31;
const perBlock = 20_000;
const keys = Array.from({ length: 1_000 }, (_, nth) => `key-${nth}`);

/** Most are allowed, and of the last many are refused, as where a limit is at work. */
async function block(ask: Ask): Promise<number> {
  const beganMs = performance.now();
  for (let nth = 0; nth < perBlock; nth++) await ask(keys[nth % keys.length] ?? '');
  return ((performance.now() - beganMs) * 1_000) / perBlock;
}

function newAsks(): Readonly<Record<'ours' | 'flexible', Ask>> {
  const { tokens: capacity, seconds } = limit;
  const bucket = memoryBucket({ capacity, refillEveryMs: (seconds * 1_000) / capacity });
  const limiter = new RateLimiterMemory({ points: capacity, duration: seconds });
  return {
    ours: async (key) => (await bucket.take(key)).allowed,
    flexible: (key) => limiter.consume(key).then(() => true, onlyRefusals),
  };
}

export async function inMemory() {
  const asks = newAsks();
  const micros: Record<'ours' | 'flexible', number[]> = { ours: [], flexible: [] };
  for (let nth = 0; nth < blocks; nth++)
    for (const name of ['ours', 'flexible'] as const) micros[name].push(await block(asks[name]));
  // The first block is the engine's warming up.
  const p50 = (name: 'ours' | 'flexible') => spreadOf(micros[name].slice(1)).p50;
  return {
    ours: { p50Ratio: round(p50('ours') / p50('flexible')), microseconds: p50('ours') },
    flexible: { p50Ratio: 1, microseconds: p50('flexible') },
  };
}
