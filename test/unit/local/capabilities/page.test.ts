import { describe, expect, it } from 'vitest';
import { enginesPage } from '#local/capabilities/page.ts';
import type { CapabilityRow } from '#local/capabilities/table.ts';

const row = (on: CapabilityRow['on'], rest: Partial<CapabilityRow> = {}): CapabilityRow => ({
  area: 'queues',
  means: 'It works.',
  on,
  ...rest,
});

const pageOf = (
  rows: Readonly<Record<string, CapabilityRow>>,
  findings: Readonly<Record<string, { does: boolean; saw: string }>> = {},
): string => {
  const of = (engine: string) => ({ command: 'c', engine, version: '1', findings });
  return enginesPage({
    rows,
    evidence: { ministack: of('ministack'), localstack: of('localstack') },
  });
};

/** What stands under a bold title, up to the next. */
const under = (page: string, title: string): string =>
  page.split('**').find((_, at, parts) => parts[at - 1]?.startsWith(title)) ?? '';

describe('the page of engines', () => {
  const page = pageOf({
    everywhere: row(['ministack', 'localstack']),
    'only-there': row(['localstack'], { neededBy: 2 }),
    'only-here': row(['ministack'], { neededBy: 5 }),
    nowhere: row([], { neededBy: 1 }),
  });

  it.each([
    ['On neither engine', ['nowhere']],
    ['Not on MiniStack', ['only-there']],
    ['Not on LocalStack', ['only-here']],
  ])('says what a green run does not prove: %s', (title, missing) => {
    const named = [...under(page, title).matchAll(/^- .*\(#([a-z-]+)\)$/gm)].map(([, id]) => id);
    expect(named).toEqual(missing);
  });

  it('counts the tests that are left out on each engine', () => {
    expect(page).toContain('3 on MiniStack, 6 on LocalStack.');
    expect(page).toContain('| [`only-here`](#only-here) | 5 | LocalStack |');
  });

  it('shows for each engine whether it does it, and what was seen', () => {
    const shown = pageOf(
      { only: row(['ministack'], { notes: { localstack: 'Ask it.' } }) },
      { only: { does: true, saw: 'a | b' } },
    );
    expect(shown).toContain('| It works. | ✓ a \\| b | – a \\| b. Ask it. |');
  });

  it('says of a row that was never measured that it was not', () => {
    expect(page).toContain('✓ not measured yet');
  });

  it('names every setting that is put right after a deployment', () => {
    expect(page).toContain('| `AWS::DynamoDB::Table` |');
    expect(page).toContain('| stage throttle | `AWS::ApiGateway::Stage` |');
  });
});
