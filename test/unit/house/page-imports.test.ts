/** The imports that the pages of docs/patterns show: whoever copies them gets what the page means. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path/posix';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { checkout, importsOf, pickNodes, type Source, targetOf, treeOf } from './sources.ts';

const sourceOf = (path: string): Source => ({
  path,
  text: readFileSync(join(checkout, path), 'utf8'),
});

/** All code of a page as one file. */
const codeOf = ({ path, text }: Source): Source => ({
  path,
  text: [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, block = '']) => block).join('\n'),
});

const namesImported = (source: Source): readonly string[] =>
  pickNodes(source, (node) => (ts.isImportSpecifier(node) ? node.name.text : undefined));

const namesCalled = (source: Source): readonly string[] =>
  pickNodes(source, (node) =>
    ts.isCallExpression(node) && ts.isIdentifier(node.expression)
      ? node.expression.text
      : undefined,
  );

/** What a file declares by `export const`, `function`, `class`, `interface` or `type`. */
const namesExported = (source: Source): readonly string[] =>
  treeOf(source)
    .statements.filter(
      (statement) =>
        ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    )
    .flatMap((statement) =>
      ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ name }) => name.getText())
        : [(statement as ts.DeclarationStatement).name?.getText() ?? ''],
    );

/** What is wrong with one `import … from '#room/…'`; undefined: nothing. */
function faultOf(source: Source, { specifier = '', node }: ReturnType<typeof importsOf>[number]) {
  const target = targetOf(source, specifier);
  if (!('file' in target) || target.by !== 'room') return `${specifier} is in no room`;
  if (!existsSync(join(checkout, target.file))) return `${specifier} does not exist`;
  const exported = namesExported(sourceOf(target.file));
  const imported = namesImported({ path: source.path, text: node.getText() });
  const missing = imported.filter((name) => !exported.includes(name));
  return missing.length > 0 ? `${specifier} does not export ${missing.join(', ')}` : undefined;
}

const faultsOf = (page: Source): readonly string[] =>
  importsOf(codeOf(page)).flatMap((each) => faultOf(codeOf(page), each) ?? []);

const pages = globSync('docs/patterns/*.md', { cwd: checkout }).sort().map(sourceOf);
const tests = globSync('test/unit/*/*page.test.ts', { cwd: checkout }).map(sourceOf);

describe.each(pages.map((page) => ({ name: basename(page.path, '.md'), page })))(
  'the page $name',
  ({ name, page }) => {
    it('imports from files that are, what they export', () => {
      expect(faultsOf(page)).toEqual([]);
    });

    it('imports what its code calls, as far as its test has to, and nothing else', () => {
      const code = codeOf(page);
      const called = namesCalled(code);
      const needed = tests
        .filter(({ text }) => text.includes(`codeOnPage('${name}')`))
        .flatMap(namesImported)
        .filter((imported) => called.includes(imported) && imported !== 'expect');
      expect(needed).not.toEqual([]);
      expect(namesImported(code).toSorted()).toEqual([...new Set(needed)].toSorted());
    });

    it('says how to take the code elsewhere', () => {
      expect(page.text.replace(/\s+/g, ' ')).toContain('copy `shared/` and map `#shared/*` to it');
    });
  },
);

describe('an import on a page', () => {
  // biome-ignore format: a table
  it.each([
    [`import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';`, []],
    [`import { type BucketPolicy, fits } from '#shared/rate-limit/bucket.ts';`, []],
    [`import { leakyBucket } from '#shared/rate-limit/token-bucket.ts';`, ['#shared/rate-limit/token-bucket.ts does not export leakyBucket']],
    [`import { tokenBucket } from '#shared/token-bucket.ts';`,            ['#shared/token-bucket.ts does not exist']],
    [`import { tokenBucket } from 'holdfast';`,                           ['holdfast is in no room']],
  ])('%s is judged', (line, faults) => {
    const text = `# A page\n\n\`\`\`ts\n${line}\n\`\`\`\n`;
    expect(faultsOf({ path: 'docs/patterns/a.md', text })).toEqual(faults);
  });
});
