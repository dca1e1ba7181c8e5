/** cfn-lint over the templates of every variant: no error and no warning that is not accepted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { acceptedByLint } from '#infra/accepted-findings.ts';
import { lint } from '#local/tools/cfn-lint.ts';
import { type Finding, stale, unaccepted, withoutReason } from './acceptance.ts';
import { templatesOf, variants } from './templates.ts';

/** Its first run installs it, and it takes seconds for each template that it has not seen. */
const longestMs = 600_000;

async function findingsIn(variant: string): Promise<Finding[]> {
  const { stage } = variants[variant] ?? { stage: 'local' };
  const found: Finding[] = [];
  for (const [stack, template] of Object.entries(templatesOf(variant))) {
    // A stack that the variant does not have.
    if (Object.keys(template.Resources).length === 0) continue;
    for (const { rule, path } of await lint(JSON.stringify(template)))
      found.push({ rule, stage, where: `${stack} ${path}` });
  }
  return found;
}

describe('cfn-lint', () => {
  const found = new Map<string, readonly Finding[]>();
  beforeAll(async () => {
    for (const variant of Object.keys(variants)) found.set(variant, await findingsIn(variant));
  }, longestMs);

  it.each(Object.keys(variants))('has nothing against %s that is not accepted', (variant) => {
    expect(unaccepted(found.get(variant) ?? [], acceptedByLint)).toEqual([]);
  });

  it('still says all that is accepted', () => {
    expect(stale([...found.values()].flat(), acceptedByLint)).toEqual([]);
  });

  it('is answered with a reason each time', () => {
    expect(withoutReason(acceptedByLint)).toEqual([]);
  });

  it(
    'would be heard of a property that is not, and says it again of a template that it has seen',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const template = JSON.stringify({
        Resources: {
          queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'long' } },
        },
      });
      const first = await lint(template, { folder });
      expect(first).toEqual([
        {
          rule: 'E3012',
          path: 'Resources/queue/Properties/VisibilityTimeout',
          message: expect.stringContaining('integer'),
        },
      ]);
      expect(await lint(template, { folder })).toEqual(first);
      const other = await lint('{"Resources": []}', { folder });
      expect(other.map(({ rule }) => rule)).not.toContain('E3012');
      expect(other).not.toEqual([]);
    },
    longestMs,
  );
});
