/** What a run has shown, held against what shedding promises. Shares and counts; no time. */
import { check } from 'k6';
import { say } from '../support/say.ts';
import { type Outcome, type Phase, phases, type Watch } from './watch.ts';
import { type Priority, priorities } from './works.ts';

/** Of the successes a second in calm, for important work. */
const goodputRatio = 0.8;

export function judge(
  { outcomes, readings }: Pick<Watch, 'outcomes' | 'readings'>,
  seconds: Readonly<Record<Phase, number>>,
): void {
  const count = (phase: Phase, of: readonly Priority[], is?: Outcome['is']): number =>
    outcomes.filter(
      (each) =>
        each.phase === phase && of.includes(each.priority) && (is === undefined || each.is === is),
    ).length;
  const shedShare = (priority: Priority): number =>
    count('overload', [priority], 'shed') / Math.max(1, count('overload', [priority]));
  const perSecond = (phase: Phase): number =>
    count(phase, ['CRITICAL', 'HIGH'], 'done') / seconds[phase];
  const firstShedAtMs = (priority: Priority): number =>
    Math.min(
      ...outcomes
        .filter((each) => each.priority === priority && each.is === 'shed')
        .map(({ sentAtMs }) => sentAtMs),
    );

  for (const phase of phases) {
    const counts = priorities.map(
      (priority) =>
        `${priority} ${(['done', 'shed', 'failed'] as const)
          .map((is) => `${count(phase, [priority], is)} ${is}`)
          .join(', ')}`,
    );
    say(`${phase}, ${Math.round(seconds[phase])} s: ${counts.join(' · ')}`);
  }
  const [before, during] = [perSecond('calm'), perSecond('overload')];
  say(`CRITICAL and HIGH done: ${before.toFixed(2)}/s calm, ${during.toFixed(2)}/s overload`);
  check(null, {
    'GET /stats shows WARNING and CRITICAL': () =>
      ['WARNING', 'CRITICAL'].every((level) => readings.some((each) => each.level === level)),
    'LOW is shed more than NORMAL': () => shedShare('LOW') > shedShare('NORMAL'),
    'NORMAL is shed more than HIGH': () => shedShare('NORMAL') > shedShare('HIGH'),
    'LOW gives way before NORMAL': () => firstShedAtMs('LOW') <= firstShedAtMs('NORMAL'),
    'goodput of important work holds': () => during >= goodputRatio * before,
  });
}
