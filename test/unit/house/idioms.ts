/** Two silent traps: an AWS client without time limits, and an import that bundles all of zod. */
import ts from 'typescript';
import { type Finding, finding, pickNodes, type Rule, roomOf, type Source } from './sources.ts';

/** Names of `…Client` classes that the file imports from the SDK. */
function clientsOf(source: Source): ReadonlySet<string> {
  const names = pickNodes(source, (node) =>
    ts.isImportSpecifier(node) &&
    fromSdk(node) &&
    /Client$/.test((node.propertyName ?? node.name).text)
      ? node.name.text
      : undefined,
  );
  return new Set(names);
}

function fromSdk(node: ts.ImportSpecifier): boolean {
  const { moduleSpecifier } = node.parent.parent.parent as ts.ImportDeclaration;
  return ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text.startsWith('@aws-sdk/');
}

/** `clientOptions(…)`, or braces that begin by spreading it. */
function hasLimits(options: ts.Expression | undefined): boolean {
  if (!options) return false;
  if (ts.isCallExpression(options))
    return ts.isIdentifier(options.expression) && options.expression.text === 'clientOptions';
  if (!ts.isObjectLiteralExpression(options)) return false;
  const [first] = options.properties;
  return first !== undefined && ts.isSpreadAssignment(first) && hasLimits(first.expression);
}

const limited: Rule = (source) => {
  if (!['shared', 'functions', 'ops'].includes(roomOf(source.path) ?? '')) return [];
  const clients = clientsOf(source);
  return pickNodes(source, (node): Finding | undefined => {
    if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
    const name = node.expression.text;
    if (!clients.has(name) || hasLimits(node.arguments?.[0])) return undefined;
    return finding(
      source,
      node,
      `new ${name} needs clientOptions(…) of shared/aws/client-options.ts`,
    );
  });
};

const noEndpoint: Rule = (source) => {
  if (!['shared', 'functions', 'ops', 'local', 'infra'].includes(roomOf(source.path) ?? ''))
    return [];
  const clients = clientsOf(source);
  return pickNodes(source, (node): Finding | undefined => {
    if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
    const [options] = node.arguments ?? [];
    if (!clients.has(node.expression.text) || !options || !ts.isObjectLiteralExpression(options))
      return undefined;
    const isSet = options.properties.some(
      ({ name }) => name && ts.isIdentifier(name) && name.text === 'endpoint',
    );
    return isSet
      ? finding(source, node, 'AWS_ENDPOINT_URL decides, no endpoint option')
      : undefined;
  });
};

const zodWhole: Rule = (source) =>
  pickNodes(source, (node): Finding | undefined => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier))
      return undefined;
    if (!/^zod(\/|$)/.test(node.moduleSpecifier.text)) return undefined;
    const { importClause: clause } = node;
    const whole = clause?.namedBindings && ts.isNamespaceImport(clause.namedBindings);
    const types = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return whole || types ? undefined : finding(source, node, "write import * as z from 'zod'");
  });

export const idiomRules: Readonly<Record<string, Rule>> = {
  'an AWS client has time limits': limited,
  'no AWS client has an endpoint option': noEndpoint,
  'zod is imported so that what is unused is left out of the bundle': zodWhole,
};
