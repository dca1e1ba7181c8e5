/** The tests of a rule of the house: the checkout keeps it, and it convicts what it is there for. */
import { describe, expect, it } from 'vitest';
import { type Finding, projectSources, type Rule } from './sources.ts';

/** Path and text of a file that does not exist. */
type Example = readonly [path: string, text: string];

export interface Examples {
  readonly convicts: readonly Example[];
  readonly acquits: readonly Example[];
}

/** The first rule of a file parses the whole checkout, which takes a busy machine a while. */
const readWithinMs = 60_000;

const toLine = ({ path, line, what }: Finding): string => `${path}:${line} ${what}`;

/** @throws RangeError for a rule without an example that it convicts: such a rule may be asleep. */
export function ruleSuite<Name extends string>(
  rules: Readonly<Record<Name, Rule>>,
  examples: Readonly<Record<Name, Examples>>,
): void {
  const sources = projectSources();
  for (const [name, rule] of Object.entries<Rule>(rules)) {
    const { convicts, acquits } = examples[name as Name];
    if (convicts.length === 0) throw new RangeError(`'${name}' has no example that it convicts`);
    describe(name, () => {
      it('holds here', { timeout: readWithinMs }, () => {
        expect(sources.flatMap(rule).map(toLine)).toEqual([]);
      });
      it.each(convicts)('convicts %s: %s', (path, text) => {
        expect(rule({ path, text })).not.toEqual([]);
      });
      it.each(acquits)('acquits %s: %s', (path, text) => {
        expect(rule({ path, text })).toEqual([]);
      });
    });
  }
}
