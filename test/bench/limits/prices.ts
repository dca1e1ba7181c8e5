/** What one decision asks of DynamoDB, by how much its environment knows of the key. */
import { type Metered, metered } from '../price/meter.ts';
import { round, spreadOf } from '../report.ts';
import { type Ask, type Contender, limit } from './contender.ts';

const perCell = 200;
const perBlock = 25;

let serial = 0;
const newKey = (): string => `key-${++serial}`;

interface Prepared {
  readonly ask: Ask;
  readonly key: string;
}

/** Prepares one decision, which alone is counted. */
type Case = (contender: Contender, here: Ask) => Promise<Prepared>;

/** A key that others have used up. */
async function usedUp(contender: Contender): Promise<string> {
  const key = newKey();
  const elsewhere = contender.environment();
  await elsewhere(key, limit.tokens);
  return key;
}

export const cases = {
  'allowed, key at rest': async (_, ask) => ({ ask, key: newKey() }),
  'allowed, key in use here': async (_, ask) => {
    const key = newKey();
    await ask(key);
    return { ask, key };
  },
  'allowed, key in use elsewhere': async (contender, ask) => {
    const key = newKey();
    await contender.environment()(key);
    return { ask, key };
  },
  refused: async (contender, ask) => ({ ask, key: await usedUp(contender) }),
  'refused again': async (contender, ask) => {
    const key = await usedUp(contender);
    await ask(key);
    return { ask, key };
  },
} as const satisfies Record<string, Case>;

export interface PriceFigures {
  readonly calls: number;
  readonly writeUnits: number;
  readonly byFormula: number;
  readonly p50Ratio: number;
}

type Samples = Readonly<Record<string, readonly Metered<boolean>[]>>;

/** The same number of decisions by each contender, in blocks in turn. */
export async function priced(
  contenders: Readonly<Record<string, Contender>>,
  prepare: Case,
): Promise<Readonly<Record<string, PriceFigures>>> {
  const rows = Object.entries(contenders).map(([name, contender]) => ({
    name,
    contender,
    here: contender.environment(),
    cell: [] as Metered<boolean>[],
  }));
  for (let done = 0; done < perCell; done += perBlock)
    for (const { contender, here, cell } of rows)
      for (let nth = 0; nth < perBlock; nth++) {
        const { ask, key } = await prepare(contender, here);
        const sample = await metered(() => ask(key));
        if (sample.error) throw sample.error;
        cell.push(sample);
      }
  return figuresOf(Object.fromEntries(rows.map(({ name, cell }) => [name, cell])));
}

function figuresOf(samples: Samples): Readonly<Record<string, PriceFigures>> {
  const p50 = (of: readonly Metered<boolean>[]) => spreadOf(of.map(({ ms }) => ms)).p50;
  const peer = p50(Object.values(samples).at(-1) ?? []);
  return Object.fromEntries(
    Object.entries(samples).map(([name, cell]) => [
      name,
      {
        calls: mean(cell, ({ price }) => price.calls.length),
        writeUnits: mean(cell, ({ price }) => price.writeUnits),
        byFormula: mean(cell, ({ price }) => price.byFormula),
        p50Ratio: round(p50(cell) / peer),
      },
    ]),
  );
}

const mean = (
  cell: readonly Metered<boolean>[],
  of: (sample: Metered<boolean>) => number,
): number => round(cell.reduce((sum, sample) => sum + of(sample), 0) / cell.length);
