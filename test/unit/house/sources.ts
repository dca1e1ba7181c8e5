/** What the rules of the house read: every source file of the checkout, parsed once. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path/posix';
import ts from 'typescript';

export interface Source {
  /** From the checkout's root, with slashes: `shared/state/items.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** What a rule of the house says about one file; nothing when the file keeps it. */
export type Rule = (source: Source) => readonly Finding[];

export const rooms = ['infra', 'functions', 'shared', 'local', 'ops', 'test', 'k6'] as const;
export type Room = (typeof rooms)[number];

export const checkout = resolve(import.meta.dirname, '../../..');

export const projectSources = (): readonly Source[] =>
  globSync([`{${rooms.join(',')}}/**/*.{ts,mts,mjs}`, '*.ts'], { cwd: checkout })
    .filter((path) => !/(^|\/)(generated|node_modules)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(checkout, path), 'utf8') }));

const parsed = new WeakMap<Source, ts.SourceFile>();

export function treeOf(source: Source): ts.SourceFile {
  const known = parsed.get(source);
  if (known) return known;
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true);
  parsed.set(source, tree);
  return tree;
}

/** Every node of the file that `pick` makes something of, in order. */
export function pickNodes<T>(source: Source, pick: (node: ts.Node) => T | undefined): readonly T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const picked = pick(node);
    if (picked !== undefined) found.push(picked);
    ts.forEachChild(node, visit);
  };
  visit(treeOf(source));
  return found;
}

export const finding = (source: Source, node: ts.Node, what: string): Finding => ({
  path: source.path,
  line: treeOf(source).getLineAndCharacterOfPosition(node.getStart()).line + 1,
  what,
});

export interface Import {
  /** As written; undefined when it is computed. */
  readonly specifier: string | undefined;
  readonly typeOnly: boolean;
  readonly node: ts.Node;
}

/** Imports, re-exports, `import()` as value and as type, `require`. */
export const importsOf = (source: Source): readonly Import[] =>
  pickNodes(source, (node): Import | undefined => {
    if (ts.isImportDeclaration(node))
      return {
        specifier: textOf(node.moduleSpecifier),
        typeOnly: isTypeOnly(node.importClause),
        node,
      };
    if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      return { specifier: textOf(node.moduleSpecifier), typeOnly: node.isTypeOnly, node };
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      return { specifier: textOf(node.argument.literal), typeOnly: true, node };
    if (ts.isCallExpression(node) && isLoader(node.expression))
      return { specifier: textOf(node.arguments[0]), typeOnly: false, node };
    return undefined;
  });

const isLoader = (callee: ts.Expression): boolean =>
  callee.kind === ts.SyntaxKind.ImportKeyword ||
  (ts.isIdentifier(callee) && callee.text === 'require');

const textOf = (node: ts.Node | undefined): string | undefined =>
  node && ts.isStringLiteralLike(node) ? node.text : undefined;

/** `import type …`, or braces in which every name is a type. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return (
    !clause.name &&
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.length > 0 &&
    names.elements.every((element) => element.isTypeOnly)
  );
}

export type Target =
  | { readonly file: string; readonly by: 'relative' | 'room' }
  | { readonly package: string }
  | { readonly builtin: string };

/** What a specifier means in that file. */
export function targetOf({ path }: Source, specifier: string): Target {
  if (/^\.\.?(\/|$)/.test(specifier))
    return { file: normalize(join(dirname(path), specifier)), by: 'relative' };
  if (specifier.startsWith('#')) return { file: specifier.slice(1), by: 'room' };
  if (specifier.startsWith('node:')) return { builtin: specifier };
  const [scope = '', name = ''] = specifier.split('/');
  return { package: scope.startsWith('@') ? `${scope}/${name}` : scope };
}

export const roomOf = (path: string): Room | undefined =>
  rooms.find((room) => path.startsWith(`${room}/`));

/** Texts of strings and of the fixed parts of templates; specifiers of imports are left out. */
export const literalsOf = (source: Source) =>
  pickNodes(source, (node) =>
    (ts.isStringLiteralLike(node) && !isSpecifier(node)) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
      ? { text: node.text, node }
      : undefined,
  );

const isSpecifier = ({ parent }: ts.Node): boolean =>
  ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent);
