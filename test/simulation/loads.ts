/** Who calls when: the same calls in every run. */
import { mulberry32 } from '../protocol/scheduler/choices.ts';

export interface Call {
  /** From the beginning, by the true clock. */
  readonly atMs: number;
  readonly environment: number;
}

export interface Load {
  readonly slug: string;
  readonly title: string;
  readonly says: string;
  readonly lastsMs: number;
  /** How far each environment's clock is ahead. Their number is that of the environments. */
  readonly skewsMs: readonly number[];
  readonly calls: readonly Call[];
}

const seed = 20_260_101;

const spread = (fromMs: number, overMs: number, count: number, environments: number): Call[] =>
  Array.from({ length: count }, (_, nth) => ({
    atMs: fromMs + Math.floor((nth * overMs) / count),
    environment: nth % environments,
  }));

/** Calls that know nothing of each other, so many a second on average. */
function atRandom(aSecond: number, lastsMs: number, environments: number): Call[] {
  const random = mulberry32(seed);
  const calls: Call[] = [];
  for (let atMs = 0; ; ) {
    atMs += (-Math.log(1 - random()) * 1_000) / aSecond;
    if (atMs >= lastsMs) return calls;
    calls.push({ atMs: Math.floor(atMs), environment: Math.floor(random() * environments) });
  }
}

const none = [0, 0, 0, 0];

export const loads: readonly Load[] = [
  {
    slug: 'burst',
    title: 'Burst',
    says: '150 calls within half a second, at 2, 12 and 16 s',
    lastsMs: 24_000,
    skewsMs: none,
    calls: [2_000, 12_000, 16_000].flatMap((atMs) => spread(atMs, 500, 150, none.length)),
  },
  {
    slug: 'below',
    title: 'Just below the rate',
    says: '9 calls a second on average, at random',
    lastsMs: 60_000,
    skewsMs: none,
    calls: atRandom(9, 60_000, none.length),
  },
  {
    slug: 'above',
    title: 'Just above the rate',
    says: '12 calls a second on average, at random',
    lastsMs: 60_000,
    skewsMs: none,
    calls: atRandom(12, 60_000, none.length),
  },
  {
    slug: 'edge',
    title: 'Window edge',
    says: '60 calls in the last 300 ms before a window ends, and 60 in the first 300 ms of the next',
    lastsMs: 20_000,
    skewsMs: none,
    calls: [9_700, 10_000].flatMap((atMs) => spread(atMs, 300, 60, none.length)),
  },
  {
    slug: 'distributed',
    title: 'Distributed clients',
    says: '8 environments whose clocks differ by up to ±20 ms, 3 calls a second each, at random',
    lastsMs: 60_000,
    skewsMs: [-20, -14, -9, -3, 3, 9, 14, 20],
    calls: atRandom(24, 60_000, 8),
  },
];
