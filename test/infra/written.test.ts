/** Files in the repository that must agree with a table. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '#functions/tables/routes.ts';
import { alarms } from '#infra/alarms.ts';
import { generated } from '#infra/generate.ts';
import { type SloRow, slos } from '#infra/slos.ts';
import { commands } from '#ops/ops.ts';

const text = (path: string): string => readFileSync(path, 'utf8');

describe('generated files', () => {
  it.each(Object.entries(generated))('%s is what `node infra/generate.ts` writes', (path, make) => {
    expect(text(path)).toBe(make());
  });
});

describe('runbooks', () => {
  const pages = readdirSync('docs/runbooks').map((file) => file.replace(/\.md$/, ''));

  it('are one for every alarm, those of the operator’s commands, and no other', () => {
    const ofCommands = Object.values(commands).flatMap(({ runbooks = [] }) => runbooks);
    expect(pages.sort()).toEqual([...Object.keys(alarms), ...ofCommands].sort());
  });

  it.each(pages)(
    '%s says what to look at and what to do, and links only to pages that are',
    (key) => {
      const page = text(`docs/runbooks/${key}.md`);
      expect(page.split('\n')[0]).toBe(`# ${key}`);
      expect(page).toContain('\n## What to look at\n');
      expect(page).toContain('\n## What to do\n');
      const links = [...page.matchAll(/\]\(([^)]+)\.md\)/g)].map(([, linked]) => linked);
      expect(links.filter((linked) => !pages.includes(linked ?? ''))).toEqual([]);
    },
  );
});

describe('objectives', () => {
  it.each(Object.entries<SloRow>(slos))(
    '%s can be met: above nothing, below everything, within its time budget',
    (route, { availabilityRatio, p95Ms }) => {
      expect(availabilityRatio).toBeGreaterThan(0);
      expect(availabilityRatio).toBeLessThan(1);
      expect(p95Ms).toBeLessThan(routes[route as keyof typeof slos].budgetMs);
    },
  );
});
