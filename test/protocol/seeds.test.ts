import { randomInt } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { deeper, deeperFaults } from './scenarios/deeper.ts';
import { exploreSeeds } from './scheduler/explore.ts';
import * as subject from './subject.ts';

/** Other seeds each time, unless one is given. */
const given = process.env['HOLDFAST_SEED'];
const count = 300;
const first = given === undefined ? randomInt(2 ** 31) : Number(given);
const seeds = Array.from({ length: given === undefined ? count : 1 }, (_, i) => first + i);

describe(`under seeds ${first} to ${first + seeds.length - 1}, with up to ${deeperFaults} faults`, () => {
  afterAll(() => console.log(`${deeper.length} scenarios, ${seeds.length} seeds from ${first}`));

  it.each(deeper.map((scenario) => ({ name: scenario.name, scenario })))(
    '$name',
    async ({ scenario }) => {
      const { found } = await exploreSeeds(scenario, { subject, faults: deeperFaults, seeds });
      expect(found.map(({ text }) => text).join('\n')).toBe('');
    },
  );
});
