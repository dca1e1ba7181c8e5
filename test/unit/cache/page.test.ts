/** The code of docs/patterns/cache.md, and the numbers that it repeats. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportPolicy } from '#functions/report-cache.ts';
import { cache } from '#shared/cache/cache.ts';
import { tagVersions } from '#shared/cache/tag-versions.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

type Report = number;
type Prices = Readonly<Record<string, number>>;

const page = readFileSync(join(import.meta.dirname, '../../../docs/patterns/cache.md'), 'utf8');

it('makes a report once', async () => {
  const added: string[] = [];
  const addUp = async (tenant: string, month: string) => added.push(`${tenant} ${month}`);

  const reports = cache<Report>({ freshMs: 60_000, staleMs: 240_000, maxEntries: 200 });

  const ask = async () => {
    const { value, outcome } = await reports.get('acme#2026-03', () => addUp('acme', '2026-03'));
    return { value, outcome };
  };
  expect(await ask()).toEqual({ value: 1, outcome: 'miss' });
  expect(await ask()).toEqual({ value: 1, outcome: 'hit' });
});

it('reads prices again when they were changed', async () => {
  const store = memoryStore();
  const readPrices = async (tenant: string): Promise<Prices> => ({ [tenant]: 1 });

  const tags = tagVersions({ store });
  const prices = cache<Prices>({ freshMs: 60_000, maxEntries: 1_000, tagVersions: tags });

  const ask = async () => {
    const found = await prices.get('acme', () => readPrices('acme'), { tags: ['acme#prices'] });
    return found.outcome;
  };
  expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
  await tags.bump(['acme#prices']); // by whoever has changed them
  expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('cache')) expect(codeOfFile(import.meta.filename)).toContain(code);
});

it.each(Object.entries(reportPolicy))('names %s of the sales report as it is', (option, value) => {
  expect(page.replace(/\s+/g, ' ')).toContain(`\`${option}\` ${value.toLocaleString('en')}`);
});

it('names every event that a cache emits', async () => {
  const told = new Set<string>();
  const clock = { nowMs: 0 };
  const source = { value: 1 as number | undefined, isDown: false };
  const { get } = cache<number>({
    freshMs: 10,
    staleMs: 10,
    negativeMs: 10,
    maxEntries: 9,
    tagVersions: {
      versions: async () => {
        throw new Error('down');
      },
      bump: async () => {},
    },
    listen: ({ happened }) => told.add(happened),
    now: () => clock.nowMs,
    random: () => 0,
  });
  const load = async () => {
    if (source.isDown) throw new Error('down');
    return source.value;
  };
  await get('a', load);
  await get('a', load);
  clock.nowMs = 15;
  await get('a', load);
  source.value = undefined;
  await get('b', load);
  await get('b', load);
  await get('c', load, { tags: ['t'] });
  source.isDown = true;
  await expect(get('d', load)).rejects.toThrow('down');
  const outcomes = ['hit', 'negative', 'stale', 'miss', 'unkept', 'failed'];
  const emitted = [...outcomes, 'load-failed', 'tags-unknown'];
  expect([...told].sort()).toEqual(emitted.toSorted());
  for (const name of told) expect(page).toContain(`\`${name}\``);
});

it('has a row for each option that sets its behaviour, with its default', () => {
  const source = readFileSync(
    join(import.meta.dirname, '../../../shared/cache/cache.ts'),
    'utf8',
  ).concat(readFileSync(join(import.meta.dirname, '../../../shared/cache/lifetime.ts'), 'utf8'));
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \|/gm)];
  expect(rows).toHaveLength(10);
  for (const [, option = '', standard = ''] of rows) {
    const preset = new RegExp(`\\b${option} = '?([\\w.]+)'?[, ]`).exec(source)?.[1];
    expect([option, preset?.replace('_', ',') ?? 'none']).toEqual([
      option,
      standard.replaceAll('`', '').trim(),
    ]);
  }
});
