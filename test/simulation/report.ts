/** What docs/evidence/rate-limit holds: a page with a table for each load, and its plot. */
import { algorithms, capacity, mostTokens, refillEveryMs, windowMs } from './algorithms.ts';
import { type Row, svgOf } from './chart.ts';
import { type Load, loads } from './loads.ts';
import { type Simulated, simulate } from './simulate.ts';

export const keepCommand = 'node test/simulation/limit-algorithms.ts';

interface Result extends Simulated {
  readonly name: string;
}

const binsOf = (timesMs: readonly number[], lastsMs: number): readonly number[] => {
  const bins = Array.from({ length: 60 }, () => 0);
  for (const timeMs of timesMs) {
    const bin = Math.floor((timeMs * bins.length) / lastsMs);
    if (bin < bins.length) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
};

function plot({ title, says, lastsMs, calls }: Load, results: readonly Result[]): string {
  const behind = binsOf(
    calls.map(({ atMs }) => atMs),
    lastsMs,
  );
  const rows = results.map(
    ({ name, turnsMs }): Row => ({
      label: name,
      note: `${turnsMs.length} of ${calls.length}`,
      bars: binsOf(turnsMs, lastsMs),
    }),
  );
  return svgOf({ title: `${title}: ${says}`, behind, rows, lastsMs });
}

const rounded = (value: number, digits: number): string => value.toFixed(digits);
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const overOf = ({ mostInWindow }: Simulated): string =>
  `${Math.max(0, Math.round((mostInWindow / capacity - 1) * 100))} %`;

const line = (result: Result): string => {
  const { name, offered, turnsMs, mostInWindow, refusedWithRoom, writes, reads, delaysMs } = result;
  const cells = [
    name,
    turnsMs.length,
    `${mostInWindow} (${overOf(result)})`,
    refusedWithRoom,
    `${rounded(writes / offered, 2)} + ${rounded(reads / offered, 2)}`,
    `${Math.round(mean(delaysMs))} / ${Math.max(0, ...delaysMs)}`,
  ];
  return `| ${cells.join(' | ')} |`;
};

const section = ({ slug, title, says, calls }: Load, results: readonly Result[]): string =>
  `## ${title}

${says}: ${calls.length} calls.

![Admissions over time: ${title}](${slug}.svg)

| algorithm | admitted | most in ${windowMs / 1_000} s (over ${capacity}) | refused with room | writes + reads a call | delay, mean / most (ms) |
|---|---|---|---|---|---|
${results.map(line).join('\n')}
`;

/** File name to text. */
export async function report(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const sections: string[] = [];
  const byLoad = new Map<string, readonly Result[]>();
  for (const load of loads) {
    const results: Result[] = [];
    for (const algorithm of algorithms)
      results.push({ name: algorithm.name, ...(await simulate(algorithm, load)) });
    files.set(`${load.slug}.svg`, plot(load, results));
    sections.push(section(load, results));
    byLoad.set(load.slug, results);
  }
  files.set(
    'README.md',
    `${head}\n${sections.join('\n')}\n## What it shows\n\n${conclusion(byLoad)}\n`,
  );
  return files;
}

const head = `# Rate limits compared

Every algorithm of \`shared/rate-limit\` under the same calls, on a virtual clock over the store in memory: \`${keepCommand}\`
writes this folder, and the same run gives the same figures everywhere. A test holds them equal.

Each limit is ${capacity} calls in ${windowMs / 1_000} s: a bucket of ${capacity} with one token back every ${refillEveryMs} ms, or a window of ${windowMs / 1_000} s with ${capacity}. Every environment has a limiter of its own over the one store, and
leases up to ${mostTokens} tokens. The sliding log is the yardstick: one process, and never more than ${capacity} in any ${windowMs / 1_000} s.

- *Most in ${windowMs / 1_000} s*: turns in the fullest stretch of that length, wherever it begins; in brackets, how far that is over ${capacity}. A bucket may let in its capacity and what comes back meanwhile, which is up to twice as much.
- *Refused with room*: calls that were refused although fewer than ${capacity} had had, or were promised, their turn since ${windowMs / 1_000} s before. Where clocks differ, one that is behind still counts what another has forgotten.
- *Writes + reads*: calls to the store for each call that came, refused ones included. A write is a write unit, a read a read unit.
- *Delay*: how long admitted calls were told to wait.

In the plots, pale is what came and blue what had its turn; all rows of one have the same scale.
`;

function conclusion(byLoad: ReadonlyMap<string, readonly Result[]>): string {
  const of = (load: string, name: string): Result => {
    const result = byLoad.get(load)?.find((each) => each.name === name);
    if (!result) throw new Error(`nothing was simulated: ${name} under ${load}`);
    return result;
  };
  const most = (load: string, name: string) => of(load, name).mostInWindow;
  const admitted = (load: string, name: string) => of(load, name).turnsMs.length;
  const writes = (load: string, name: string) => {
    const { writes: made, offered } = of(load, name);
    return rounded(made / offered, 2);
  };
  const longest = (load: string, name: string) => Math.max(0, ...of(load, name).delaysMs);
  return [
    `The edge of a fixed window is no theory: ${most('edge', 'fixed window')} calls in 600 ms where ${capacity} in ${windowMs / 1_000} s are allowed, and a bucket lets in ${most('edge', 'token bucket')}.`,
    `A bucket's own price is that a burst may follow the refill: ${most('burst', 'token bucket')} in the fullest ${windowMs / 1_000} s of the bursts. In exchange it admits ${admitted('above', 'token bucket')} of ${of('above', 'token bucket').offered} calls just above the rate, where a window that never exceeds ${capacity} admits ${admitted('above', 'sliding log')}.`,
    `The sliding window stays nearest to the yardstick (${most('above', 'sliding window')} just above the rate), and pays with refusals while there is room: ${of('distributed', 'sliding window').refusedWithRoom} of ${of('distributed', 'sliding window').offered} calls of distributed clients.`,
    `The leaky bucket keeps to ${most('burst', 'leaky bucket')} in every stretch of the bursts, and callers wait up to ${longest('burst', 'leaky bucket')} ms.`,
    `Leased tokens admit about what the exact bucket does in the bursts (${admitted('burst', 'leased tokens')} and ${admitted('burst', 'token bucket')}) for ${writes('burst', 'leased tokens')} writes a call instead of ${writes('burst', 'token bucket')}. Where eight environments fight for the last tokens they save less (${writes('distributed', 'leased tokens')} and ${writes('distributed', 'token bucket')}), and refuse ${of('distributed', 'leased tokens').refusedWithRoom} calls with room, because others hold it, or until their pause is over.`,
    `Clocks that differ by up to 40 ms let the leaky bucket exceed ${capacity} by ${most('distributed', 'leaky bucket') - capacity}.`,
    `A token bucket that is nearly full costs more than a write a call (${writes('below', 'token bucket')} just below the rate): an environment that has not seen what the others took guesses wrong.`,
  ].join('\n');
}
