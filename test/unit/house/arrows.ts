/**
 * The arrows between rooms, and inside `shared` and `functions`: who may import whom. The tables
 * below are the whole of it.
 */
import {
  type Finding,
  finding,
  type Import,
  importsOf,
  type Room,
  type Rule,
  roomOf,
  type Source,
  targetOf,
} from './sources.ts';

/** Rooms that a room may import. Every room may import itself. */
const arrows: Readonly<Record<Room, readonly Room[]>> = {
  shared: [],
  functions: ['shared'],
  infra: ['functions', 'shared'],
  ops: ['functions', 'shared'],
  local: ['infra', 'ops', 'functions', 'shared'],
  test: ['infra', 'ops', 'local', 'functions', 'shared', 'k6'],
  k6: [],
};

/** All that infra, ops and local may know of `functions`: its facts, never its code. */
const factsOfFunctions = /^functions\/(tables\/|env\.ts$)/;

/** Who seeds a stage writes items, and what an item looks like stands in one file. */
const formatsOfFunctions = /^functions\/domain\//;

/** What an operator is told, and may put in a letter's place, by a route or by the command line. */
const operatorsWords = /^functions\/(domain\/letter-view|letter-edit)\.ts$/;

/** Files of `shared` that know a service of AWS: `dynamodb-store.ts`. */
const adapter = /(^|\/)(dynamodb|sqs|lambda|secretsmanager|cloudwatch|scheduler)-[a-z-]+\.ts$/;

/** What every file of `shared` may import: words without behaviour of a service, and small tools. */
const vocabulary =
  /^shared\/(state\/(items|store|memory-faults)\.ts|queue\/(queue|calls)\.ts|telemetry\/[a-z-]+\.ts|deadline\/[a-z-]+\.ts|ids\/[a-z-]+\.ts|options\/[a-z-]+\.ts)$/;

/** Further arrows inside `shared`, by folder: `types` only, or `values` as well. */
const insideShared: Readonly<Record<string, Readonly<Record<string, 'types' | 'values'>>>> = {
  // The edge puts the patterns of a request in order; what it runs is handed to it.
  // What a level of pressure means to a priority is a table without behaviour.
  http: { auth: 'types', secrets: 'types', pressure: 'values' },
  // A token is verified with a version of a secret; where it comes from is handed in.
  auth: { secrets: 'types' },
};

const packageOf = (source: Source, { specifier }: Import): string | undefined => {
  const target = specifier === undefined ? undefined : targetOf(source, specifier);
  return target && 'package' in target ? target.package : undefined;
};

/** A rule over the imports of a file: `judge` answers what is wrong with one of them. */
const overImports =
  (judge: (source: Source, imported: Import) => string | undefined): Rule =>
  (source) =>
    importsOf(source).flatMap((imported): Finding[] => {
      const what = judge(source, imported);
      return what === undefined ? [] : [finding(source, imported.node, what)];
    });

/** A rule over imports of our own files. */
const overFiles = (
  judge: (
    from: string,
    to: string,
    imported: Import,
    by: 'relative' | 'room',
  ) => string | undefined,
): Rule =>
  overImports((source, imported) => {
    const target =
      imported.specifier === undefined ? undefined : targetOf(source, imported.specifier);
    return target && 'file' in target
      ? judge(source.path, target.file, imported, target.by)
      : undefined;
  });

const betweenRooms = overFiles((from, to, _, by) => {
  const room = roomOf(from);
  if (!room) return undefined; // configuration files at the root
  const other = roomOf(to);
  if (!other) return `${to} is in no room`;
  if (room === other)
    return by === 'room' ? `inside a room imports are relative, not #${to}` : undefined;
  if (!arrows[room].includes(other)) return `${room} must not import ${other} (${to})`;
  if (by === 'relative') return `between rooms it is #${to}`;
  return undefined;
});

const factsOnly = overFiles((from, to) =>
  ['infra', 'ops', 'local'].includes(roomOf(from) ?? '') &&
  roomOf(to) === 'functions' &&
  !factsOfFunctions.test(to) &&
  !(roomOf(from) === 'local' && formatsOfFunctions.test(to)) &&
  !(roomOf(from) === 'ops' && operatorsWords.test(to))
    ? `only functions/tables/ and functions/env.ts may be known here, not ${to}`
    : undefined,
);

const infraIsPure = overFiles((from, to) =>
  roomOf(from) === 'infra' && roomOf(to) === 'shared' && adapter.test(to)
    ? `infra takes facts from shared, no adapter (${to})`
    : undefined,
);

const folderOf = (path: string): string => path.split('/')[1] ?? '';

const inShared = overFiles((from, to, { typeOnly }) => {
  if (roomOf(from) !== 'shared' || roomOf(to) !== 'shared' || vocabulary.test(to)) return undefined;
  if (
    adapter.test(from) &&
    (to === 'shared/aws/client-options.ts' || folderOf(from) === folderOf(to))
  )
    return undefined;
  if (adapter.test(to)) return `a pattern must not know an adapter (${to})`;
  if (folderOf(from) === folderOf(to)) return undefined;
  const allowed = insideShared[folderOf(from)]?.[folderOf(to)];
  if (allowed === 'values' || (allowed === 'types' && typeOnly)) return undefined;
  return allowed === 'types'
    ? `${folderOf(from)} may take types of ${folderOf(to)}, no values (${to})`
    : `${folderOf(from)} must not know ${folderOf(to)} (${to})`;
});

/** The layers of `functions`, lowest first: each knows those below it, and itself. */
type Layer = 'tables' | 'domain' | 'common' | 'function';
const layers: readonly Layer[] = ['tables', 'domain', 'common', 'function'];

function layerOf(path: string): Layer {
  const [, folder = '', ...rest] = path.split('/');
  if (rest.length === 0) return 'common';
  return folder === 'tables' || folder === 'domain' ? folder : 'function';
}

const inFunctions = overFiles((from, to) => {
  if (roomOf(from) !== 'functions' || roomOf(to) !== 'functions') return undefined;
  if (to.endsWith('/handler.ts')) return `nothing imports a handler (${to})`;
  const [layer, other] = [layerOf(from), layerOf(to)];
  // docs/openapi.yaml and the tests need all contracts in one place.
  if (layer === 'common' && to.endsWith('/contract.ts')) return undefined;
  if (layer === 'function' && other === 'function')
    return folderOf(from) === folderOf(to) ? undefined : `a function must not know another (${to})`;
  return layers.indexOf(other) > layers.indexOf(layer)
    ? `${layer} must not know what is built on it (${to})`
    : undefined;
});

const sdk = overImports((source, imported) => {
  const name = packageOf(source, imported);
  if (!name || !/^@(aws-sdk|smithy)\//.test(name)) return undefined;
  const room = roomOf(source.path);
  const free = room === undefined || ['infra', 'ops', 'local', 'test'].includes(room);
  const isHandler = /^functions\/[a-z-]+\/handler\.ts$/.test(source.path);
  return free || isHandler || adapter.test(source.path)
    ? undefined
    : `only adapters (dynamodb-*.ts and the like) and handlers import ${name}`;
});

const cdk = overImports((source, imported) => {
  const name = packageOf(source, imported);
  const isCdk = name === 'aws-cdk-lib' || name === 'constructs' || name?.startsWith('@aws-cdk/');
  return isCdk && !/^(infra|test\/infra)\//.test(source.path)
    ? `only infra and its tests import ${name}`
    : undefined;
});

const k6 = overImports((source, { specifier }) => {
  if (roomOf(source.path) !== 'k6' || specifier === undefined) return undefined;
  const target = targetOf(source, specifier);
  const isOurs = 'file' in target && target.by === 'relative' && roomOf(target.file) === 'k6';
  return /^k6(\/|$)/.test(specifier) || isOurs ? undefined : `k6 cannot have ${specifier}`;
});

/** The starter of local commands, and what runs functions as AWS's own runtime does. */
const computes = new Set([
  'local/run.mjs',
  'local/engines/localstack/holdfast_localstack/runtime/handler.mjs',
]);

/** A computed import could be anything. */
const computed = overImports(({ path }, { specifier }) =>
  specifier === undefined && !computes.has(path) ? 'an import must be a literal' : undefined,
);

export const arrowRules: Readonly<Record<string, Rule>> = {
  'rooms import along the arrows': betweenRooms,
  'infra, ops and local know the facts of functions, not their code': factsOnly,
  'infra takes no adapter from shared': infraIsPure,
  'a pattern knows ports, no adapter and no other pattern': inShared,
  'a function knows no other function': inFunctions,
  'the SDK is imported by adapters and handlers only': sdk,
  'the CDK is imported by infra and its tests only': cdk,
  'k6 scripts import k6 and generated data only': k6,
  'imports are literal': computed,
};
