/**
 * Access across tenants cannot be expressed: every builder of functions/domain/keys.ts takes the
 * tenant first, and no two tenants share a key or a partition, whatever their names and parts hold.
 * A builder that is added there is held to it without a line here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as keys from '#functions/domain/keys.ts';
import { isTenant } from '#shared/auth/tenant.ts';
import { checkout, pickNodes } from '../house/sources.ts';

/** What takes no tenant first, and why that opens nothing. */
const exceptions: Readonly<Record<string, string>> = {
  orderListPrefix: 'begins a sort key, inside a partition of a tenant',
  shardOf: 'is a number',
  heldListPartition: "across tenants, for the sweeper: nobody's",
  heldListKey: "across tenants, for the sweeper: nobody's",
  relayListPartition: "across tenants, for the reconciler: nobody's",
  relayListKey: "across tenants, for the reconciler: nobody's",
  violationListKey: "across tenants, for operators: nobody's",
};

/** The keys of these lie in partitions that are nobody's. */
const nobodys = Object.keys(exceptions).filter((name) => exceptions[name]?.endsWith("nobody's"));

const path = 'functions/domain/keys.ts';
const source = { path, text: readFileSync(join(checkout, path), 'utf8') };

interface Builder {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
}

const parametersOf = (declared: ts.SignatureDeclaration): Builder['parameters'] =>
  declared.parameters.map(({ name, type }) => ({
    name: name.getText(),
    type: type?.getText() ?? '',
  }));

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

const builders = pickNodes(source, (node): Builder | undefined => {
  if (ts.isFunctionDeclaration(node) && node.name && isExported(node))
    return { name: node.name.text, parameters: parametersOf(node) };
  if (
    ts.isVariableDeclaration(node) &&
    node.initializer &&
    ts.isArrowFunction(node.initializer) &&
    isExported(node.parent.parent)
  )
    return { name: node.name.getText(), parameters: parametersOf(node.initializer) };
  return undefined;
});

const tenantFirst = builders.filter(({ name }) => !(name in exceptions));

type Built = string | { readonly key: { readonly pk: string } } | { readonly listPk: string };

/** A part for any parameter: the text, and an object whose every property it is. */
const partFor = (type: string, text: string): unknown =>
  /^\{|^[A-Z]/.test(type) ? new Proxy({}, { get: () => text }) : text;

/** The partition of what a builder makes of these parts, used in turn. */
function partitionOf(
  { name, parameters }: Builder,
  tenant: string,
  parts: readonly string[],
): string {
  const build = (keys as unknown as Record<string, (...given: unknown[]) => Built>)[name];
  const built = build?.(
    ...parameters.map((parameter, nth) =>
      nth === 0 && parameter.name === 'tenant'
        ? tenant
        : partFor(parameter.type, parts[nth % parts.length] ?? ''),
    ),
  );
  if (built === undefined) throw new Error(`${name} builds nothing`);
  if (typeof built === 'string') return built;
  return 'key' in built ? built.key.pk : built.listPk;
}

/** Without what takes two UTF-16 units: a day is cut off an instant by units. */
const anyText = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, ''));

const nasty = fc.oneof(
  fc.constantFrom('', '#', '##', '/', '%', '%23', '%2523', 'a#order', 'order', '..', '\u0000', ' '),
  anyText,
  fc
    .array(fc.constantFrom('a', 'b', '#', '%', '/', '23', 'order', 'orders', 'item'), {
      maxLength: 5,
    })
    .map((pieces) => pieces.join('')),
);
const parts = fc.array(nasty, { minLength: 1, maxLength: 4 });
const builder = fc.constantFrom(...tenantFirst);

describe('every builder of keys', () => {
  it('is found', () => {
    const exported = Object.keys(keys).filter(
      (name) => typeof (keys as Record<string, unknown>)[name] === 'function',
    );
    expect(builders.map(({ name }) => name).toSorted()).toEqual(exported.toSorted());
    for (const name of Object.keys(exceptions)) expect(exported).toContain(name);
  });

  it.each(tenantFirst)('$name takes the tenant first', ({ parameters: [first] }) => {
    expect(first).toMatchObject({ name: 'tenant' });
    expect(first?.type).toMatch(/^string\b/);
  });

  it('never makes one partition of two tenants, nor one that begins with the other’s', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(nasty, { minLength: 2, maxLength: 2 }),
        builder,
        builder,
        parts,
        parts,
        ([a = '', b = ''], one, other, partsOfOne, partsOfOther) => {
          const ofA = partitionOf(one, a, partsOfOne);
          const ofB = partitionOf(other, b, partsOfOther);
          expect(ofA).not.toBe(ofB);
          expect(ofB.startsWith(`${ofA}#`)).toBe(false);
          // All of a tenant begins with its name and the separator, and nothing of another does.
          expect(ofA.split('#')[0]).not.toBe(ofB.split('#')[0]);
        },
      ),
      { numRuns: 5_000 },
    ));

  it.each(nobodys)(
    '%s, across tenants, is in a partition that no tenant’s key can be in',
    (name) => {
      const found = builders.find((one) => one.name === name) ?? expect.fail(name);
      fc.assert(
        fc.property(parts, (given) => {
          expect(partitionOf(found, '', given)).toMatch(/^#/);
        }),
      );
    },
  );

  it('leaves the tenant without a name to nobody', () => {
    expect(isTenant('')).toBe(false);
    expect(keys.violationListPartition).toMatch(/^#/);
  });
});
