/** What an order and an idle minute ask of AWS, as `npm run bench -- order-price --keep` counted it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Measured {
  readonly function: string;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Calls that it made to queues itself. */
  readonly queueCalls: number;
}

const file = join(import.meta.dirname, '../../docs/evidence/order-price.json');

/** @throws RangeError when the figures are not there. */
export function measured(of: 'order' | 'idle run'): readonly Measured[] {
  const { metrics } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly metrics: Readonly<Record<string, number>>;
  };
  const names = new Set(
    Object.keys(metrics)
      .map((key) => key.split(' · '))
      .flatMap(([what, name]) => (what === of && name ? [name] : [])),
  );
  if (names.size === 0) throw new RangeError(`${file} has no figures of '${of}'`);
  return [...names].map((name) => {
    const figure = (key: string): number => {
      const value = metrics[`${of} · ${name} · ${key}`];
      if (value === undefined) throw new RangeError(`${file} has no ${key} of '${of} · ${name}'`);
      return value;
    };
    return {
      function: name,
      writeUnits: figure('writeUnits'),
      readUnits: figure('readUnits'),
      queueCalls: figure('queueCalls'),
    };
  });
}
