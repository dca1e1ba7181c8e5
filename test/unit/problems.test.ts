import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ProblemSlug, problemPath, problemTypes } from '#shared/http/problem-types.ts';

const folder = new URL('../../docs/problems/', import.meta.url);
const slugs = Object.keys(problemTypes) as ProblemSlug[];

describe('problem pages', () => {
  it('are one for each slug, and no others', () => {
    expect(readdirSync(folder).sort()).toEqual(slugs.map((slug) => `${slug}.md`).sort());
  });

  it.each(slugs)('say of %s what its row says, and show it', (slug) => {
    const { status, title, retry } = problemTypes[slug];
    const page = readFileSync(new URL(`${slug}.md`, folder), 'utf8');
    const [heading, , facts] = page.split('\n');
    expect(heading).toBe(`# ${title}`);
    expect(facts).toBe(`\`${problemPath(slug)}\` · status ${status} · retry: ${retry}`);
    expect(page.match(/^## .*$/gm)).toEqual([
      '## What happened',
      '## Whether and when to retry',
      '## Example',
    ]);
    const example = /```json\n([\s\S]*?)```\n$/.exec(page)?.[1] ?? '';
    expect(JSON.parse(example)).toMatchObject({ type: problemPath(slug), status, title });
  });

  it('tell callers to send again exactly what may be sent again', () => {
    for (const slug of slugs) {
      const page = readFileSync(new URL(`${slug}.md`, folder), 'utf8');
      const advice = page.split('## Whether and when to retry\n\n')[1] ?? '';
      const later = problemTypes[slug].retry === 'later';
      expect([slug, advice.startsWith('Send the same request again')]).toEqual([slug, later]);
    }
  });
});
