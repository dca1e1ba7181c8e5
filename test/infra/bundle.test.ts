import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toEnvironment } from '#functions/env.ts';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import { type Bundles, bundle } from '#infra/bundle.ts';
import { stages } from '#infra/config.ts';

/** Two small functions, of which one has a fault switch. */
function sources() {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'src'));
  const write = (name: string, text: string) => {
    const file = join(directory, 'src', `${name}.ts`);
    writeFileSync(file, text);
    return file;
  };
  const entries = {
    plain: write('plain', 'export const handler = async (name: string) => "hello " + name;'),
    switched: write(
      'switched',
      `const crash = () => { throw new Error('a-fault-on-purpose'); };
       export const handler = async () => {
         if (process.env.HOLDFAST_FAULTS_BUNDLED !== 'false') crash();
       };`,
    ),
  };
  const make = (faults: boolean) => bundle({ entries, faults, outDir: join(directory, 'out') });
  return { make, write };
}

const codeOf = (bundles: Bundles, name: string): string =>
  readFileSync(join(bundles[name] ?? '', 'index.mjs'), 'utf8');

/** What an expression about the bundle comes to, in a process of its own. */
function said(bundles: Bundles, name: string, expression: string, env: NodeJS.ProcessEnv = {}) {
  const script = `const loaded = await import(process.argv[1]); console.log(${expression});`;
  const file = join(bundles[name] ?? '', 'index.mjs');
  const args = ['--input-type=module', '-e', script, file];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim();
}

describe('bundle', () => {
  it('makes a folder for each function, with a handler that runs', () => {
    const bundles = sources().make(true);
    expect(Object.keys(bundles).sort()).toEqual(['plain', 'switched']);
    expect(said(bundles, 'plain', 'await loaded.handler("you")')).toBe('hello you');
  });

  it('leaves no byte of a fault switch where faults are off', () => {
    const { make } = sources();
    expect(codeOf(make(true), 'switched')).toContain('a-fault-on-purpose');
    expect(codeOf(make(false), 'switched')).not.toContain('a-fault-on-purpose');
  });

  it('gives the same sources the same folders, and changed ones another', () => {
    const { make, write } = sources();
    const first = make(true);
    expect(make(true)).toEqual(first);
    write('plain', 'export const handler = async () => "changed";');
    const second = make(true);
    expect(second['switched']).toBe(first['switched']);
    expect(second['plain']).not.toBe(first['plain']);
    expect(codeOf(second, 'plain')).toContain('changed');
  });

  it('names the same content alike wherever it is made', () => {
    const nameOf = (bundles: Bundles) => bundles['plain']?.split('/').at(-1);
    expect(nameOf(sources().make(true))).toBe(nameOf(sources().make(true)));
  });

  it('says which source does not build', () => {
    const { make, write } = sources();
    write('plain', 'import "./nowhere.ts";');
    expect(() => make(true)).toThrow(/nowhere\.ts/);
  });
});

describe('the functions, bundled', () => {
  const names = Object.keys(functions) as FunctionName[];
  let bundles: Bundles = {};
  beforeAll(() => {
    bundles = bundle({ faults: true });
  }, 30_000);

  it.each(names)('%s starts, and exports its handler', (name) => {
    const address = (of: string) => `https://localhost/${of}`;
    const env = toEnvironment(name, {
      stage: 'local',
      numbers: stages.local.numbers,
      tableName: address,
      queueUrl: address,
      deadLetterUrl: address,
      secretId: address,
      functionName: address,
    });
    const settings = { ...env, AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: name };
    expect(said(bundles, name, 'typeof loaded.handler', settings)).toBe('function');
  });

  it.each(names)(
    '%s can make every call to queues, secrets and functions that it is allowed',
    (name) => {
      const { sendsTo, watches, buries, secrets, rotates, invokes, trigger }: FunctionRow =
        functions[name];
      const calls = {
        SendMessageBatch: [...(sendsTo ?? []), ...(buries ?? [])],
        GetQueueAttributes: watches,
        ChangeMessageVisibility: trigger.by === 'queue' ? [trigger.queue] : [],
        GetSecretValue: [...(secrets ?? []), ...(rotates ?? [])],
        DescribeSecret: rotates,
        PutSecretValue: rotates,
        UpdateSecretVersionStage: rotates,
        Invoke: invokes,
      };
      const code = codeOf(bundles, name);
      const unused = Object.entries(calls).filter(
        ([call, things = []]) => things.length > 0 && !code.includes(`"${call}"`),
      );
      expect(unused.map(([call]) => call)).toEqual([]);
    },
  );

  it('can end their own process only where faults are bundled', () => {
    const ending = (some: Bundles) =>
      names.filter((name) => codeOf(some, name).includes('process.exit('));
    expect(ending(bundles)).not.toEqual([]);
    expect(ending(bundle({ faults: false }))).toEqual([]);
  }, 30_000);
});
