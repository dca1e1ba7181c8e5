import { describe, expect, it } from 'vitest';
import { type Control, mistakeControls, stockControls } from './controls/convictions.ts';
import { explorations } from './explorations.ts';
import { readKept } from './kept.ts';
import { deeper } from './scenarios/deeper.ts';
import { readSchedule, rerun, type Schedule } from './scheduler/explore.ts';
import * as subject from './subject.ts';

const ours = [
  ...Object.values(explorations)
    .flat()
    .map(({ scenario }) => scenario),
  ...deeper,
];
const controls: readonly Control[] = [...stockControls, ...mistakeControls];

/** The trace of a run that a trace names. @throws RangeError for a scenario that nobody has. */
async function traceOf({ scenario: name, ...schedule }: Schedule): Promise<string> {
  const control = controls.find(({ scenario }) => scenario.name === name);
  const scenario = control?.scenario ?? ours.find((each) => each.name === name);
  if (!scenario) throw new RangeError(`no scenario is named '${name}'`);
  const { found } = control
    ? await control.on((accused) => rerun(scenario, { ...schedule, subject: accused }))
    : await rerun(scenario, { ...schedule, subject });
  return found.map(({ text }) => text).join('\n');
}

const given = process.env['HOLDFAST_SCHEDULE'];

describe('a schedule that a trace names', () => {
  it.each(['stock-answer-lost', 'mistake-no-last-look'])(
    'is run again as it was: %s',
    async (kept) => {
      const trace = readKept(`${kept}.txt`);
      const [, schedule = ''] = /HOLDFAST_SCHEDULE='(.+)'/.exec(trace) ?? [];
      expect(await traceOf(readSchedule(schedule))).toContain(trace);
    },
  );

  if (given !== undefined)
    it('breaks no promise: the one given', async () => {
      expect(await traceOf(readSchedule(given))).toBe('');
    });

  it.each(['', 'deferred: 1', 'deferred: one: 0.1'])('is refused as text: %j', (text) => {
    expect(() => readSchedule(text)).toThrow(RangeError);
  });
});
