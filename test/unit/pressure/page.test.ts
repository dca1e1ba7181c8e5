/** What docs/patterns/load-shedding.md says, against the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pressureQueues, pressureTimes } from '#functions/tables/pressure.ts';
import { admission, spreadMs } from '#shared/pressure/admission.ts';
import { type BacklogReader, pressureGauge } from '#shared/pressure/gauge.ts';
import { defaultThresholds, type Level, levels, treatments } from '#shared/pressure/levels.ts';
import type { Priority } from '#shared/pressure/priority.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../docs/patterns/load-shedding.md'),
  'utf8',
);

async function accept(reader: BacklogReader, sendAfter: (seconds: number) => Promise<void>) {
  const gauge = pressureGauge({ reader });

  const pressure = await gauge.look();
  const answer = admission(pressure, 'NORMAL');
  if (!answer.admitted) return { status: 503, retryAfterMs: answer.retryAfterMs };
  await sendAfter(answer.delaySeconds);
  return { status: 202, retryAfterMs: 0 };
}

const said = (value: number | 'refused'): string =>
  value === 'refused' ? 'refused' : value === 0 ? 'served' : `put off ${value} s`;

describe('the page', () => {
  it.each([
    [0, 202, [0]],
    [500, 202, [1]],
    [1_000, 503, []],
  ])('has code that at %i messages answers %i', async (backlog, status, delays) => {
    const sent: number[] = [];
    const reader = { read: async () => [{ queue: 'q', backlog, oldestAgeMs: 0 }] };
    const answer = await accept(reader, async (seconds) => void sent.push(seconds));
    expect([answer.status, sent]).toEqual([status, delays]);
  });

  it('shows the code that runs here', () => {
    const code = codeOnPage('load-shedding');
    expect(code).toHaveLength(2);
    for (const each of code) expect(codeOfFile(import.meta.filename)).toContain(each);
  });

  it.each(levels.map((level, rank) => [level, rank] as const))(
    'has the row of %s as the code has it',
    (level: Level, rank) => {
      const from = level === 'NORMAL' ? 'WARNING' : level;
      const word = level === 'NORMAL' ? 'below' : 'from';
      const priorities = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const satisfies Priority[];
      const cells = [
        level,
        `${word} ${defaultThresholds.backlog[from].toLocaleString('en')}`,
        `${word} ${defaultThresholds.oldestAgeMs[from] / 1_000} s`,
        ...priorities.map((priority) => said(treatments[level][priority])),
      ];
      expect(page.split('\n').filter((line) => line.startsWith('| '))[rank + 1]).toBe(
        `| ${cells.join(' | ')} |`,
      );
    },
  );

  it('names the queues and times of the service', () => {
    expect(page).toContain(pressureQueues.map((queue) => `\`${queue}\``).join(' and '));
    for (const [option, ms] of Object.entries(pressureTimes).slice(0, 4))
      expect(page).toMatch(new RegExp(`\`${option}\` .*\\| ${ms.toLocaleString('en')} \\|`));
    expect(page).toContain(`for ${pressureTimes.reportFromMs / 1_000} s or more`);
    expect(page).toContain(`counts for ${pressureTimes.reportLifeMs / 1_000} s`);
  });

  it('says over how long refused callers are spread', () => {
    const { WARNING, CRITICAL, SHED } = spreadMs;
    const seconds = [WARNING, CRITICAL, SHED].map((ms) => ms / 1_000);
    expect(page.replace(/\s+/g, ' ')).toContain(
      `over ${seconds[0]} s at WARNING, ${seconds[1]} s at CRITICAL and ${seconds[2]} s at SHED`,
    );
  });
});
