/** Every control, and the trace that convicts it. */
import type { Scenario } from '../scheduler/execute.ts';
import type { Found } from '../scheduler/explore.ts';
import * as real from '../subject.ts';
import { convict } from './convict.ts';
import { mutant } from './mutant.ts';
import { mistakes } from './mutations.ts';
import { running, type StockUse, stock, stockUses } from './stock.ts';
import { withVirtualDate } from './virtual-date.ts';

export interface Control {
  /** The name of its trace. */
  readonly slug: string;
  readonly what: string;
  readonly never: string;
  readonly scenario: Scenario;
  /** Runs `work` on the code that is accused. */
  readonly on: <T>(work: (subject: typeof real) => Promise<T>) => Promise<T>;
}

const ofStock = ({ slug, never, ...use }: StockUse & { slug: string; never: string }): Control => ({
  slug: `stock-${slug}`,
  what: `stock Powertools, ${use.name}`,
  never,
  scenario: stock(use),
  on: (work) =>
    withVirtualDate(
      () => running.clock,
      () => work(real),
    ),
});

export const stockControls: readonly Control[] = stockUses.map(ofStock);

export const mistakeControls: readonly Control[] = mistakes.map(
  ({ slug, mistake, never, scenario, ...mutation }) => ({
    slug: `mistake-${slug}`,
    what: mistake,
    never,
    scenario: { ...scenario, name: `${scenario.name}; the mistake: ${mistake}` },
    on: async (work) => work(await mutant(mutation)),
  }),
);

export const convicted = ({ on, scenario, never }: Control): Promise<Found | undefined> =>
  on((subject) => convict({ subject, scenario, never }));
