/**
 * What a limit costs, and how exact it is, beside rate-limiter-flexible: its DynamoDB store and its
 * memory store, in one run on one engine, in blocks in turn. Units are what DynamoDB reports; what it
 * bills for failed conditions it does not report, and comes by formula (test/bench/price/meter.ts).
 */
import { flexible, ours } from './limits/contender.ts';
import { crowd } from './limits/crowd.ts';
import { layered, paces } from './limits/layered.ts';
import { inMemory } from './limits/memory.ts';
import { cases, priced } from './limits/prices.ts';
import { onEngine } from './price/on-engine.ts';
import { print } from './report.ts';

type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** By case, and by contender, the peer last. */
type Cells = Readonly<Record<string, Figures>>;

function report(cells: Cells): void {
  const rows: Record<string, object> = {};
  const flat = { metrics: {} as Record<string, number>, against: {} as Record<string, number> };
  for (const [name, figures] of Object.entries(cells))
    for (const [which, values] of Object.entries(figures)) {
      rows[`${name} · ${which}`] = values;
      const side = which === 'ours' ? flat.metrics : flat.against;
      for (const [figure, value] of Object.entries(values)) side[`${name} · ${figure}`] = value;
    }
  print({ bench: 'rate-limit', ...flat }, rows);
}

await onEngine(async (newClient) => {
  const contenders = { ours: ours(newClient()), flexible: flexible(newClient()) };
  const cells: Record<string, Figures> = {};
  for (const [name, prepare] of Object.entries(cases)) {
    cells[name] = { ...(await priced(contenders, prepare)) } as unknown as Figures;
    console.error(`${name}: done`);
  }
  for (const [pace, everyMs] of Object.entries(paces))
    cells[`four layers, ${pace}`] = await layered(newClient, everyMs);
  cells['fifty callers at once'] = {
    ours: { ...(await crowd(contenders.ours, 'crowd')) },
    flexible: { ...(await crowd(contenders.flexible, 'crowd')) },
  };
  cells['in memory'] = await inMemory();
  report(cells);
});
