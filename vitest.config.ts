/** The suites of each engine: what each needs, and how they share two cores. */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { defaultEngine } from './local/engines/names.ts';
import { namedStack } from './local/named-stack.ts';
import { closingLine } from './test/reporters/closing-line.ts';
import { engineUnderTest } from './test/support/engine-under-test.ts';

/** Powertools drops metrics under POWERTOOLS_DEV unless told otherwise. */
const powertools = { POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false' };

/** AWS is out of reach: nobody listens on port 9, until a suite with an engine puts its own address there. */
const dummyAws = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

interface Suite {
  readonly name: string;
  readonly testTimeoutMs: number;
  /** What is started before its first file; `name` only says which engine is under test. */
  readonly setup?: 'engine' | 'stack' | 'name';
  /** Suites of one turn run together; a turn begins when the one before has ended. */
  readonly turn: number;
  readonly maxWorkers: number;
  /** It was pointed at a stack on AWS, and has the caller's own credentials. */
  readonly onAws?: boolean;
}

const named = namedStack(process.env);

const suite = ({ name, testTimeoutMs, setup, turn, maxWorkers, onAws }: Suite) =>
  ({
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      env: { ...powertools, ...(onAws ? {} : dummyAws) },
      testTimeout: testTimeoutMs,
      hookTimeout: 2 * testTimeoutMs,
      sequence: { groupOrder: turn },
      maxWorkers,
      ...(setup && {
        globalSetup: [`test/support/${setup}-setup.ts`],
        setupFiles: setup === 'name' ? [] : ['test/support/reach-engine.ts'],
      }),
    },
  }) satisfies TestProjectInlineConfiguration;

const onAws = named !== undefined && named.endpoint === undefined;

/** These know no engine, or the default one alone. */
const once = [
  suite({ name: 'unit', testTimeoutMs: 5_000, turn: 0, maxWorkers: 2 }),
  suite({ name: 'protocol', testTimeoutMs: 120_000, turn: 0, maxWorkers: 2 }),
  suite({ name: 'infra', testTimeoutMs: 60_000, turn: 0, maxWorkers: 2 }),
  suite({ name: 'contract', testTimeoutMs: 20_000, setup: 'engine', turn: 0, maxWorkers: 2 }),
  // Whole starts of their own, ended badly on purpose.
  suite({ name: 'bad-days', testTimeoutMs: 120_000, turn: 3, maxWorkers: 1 }),
];

/** What makes LocalStack an engine of ours has tests of its own. */
const onLocalStack = [suite({ name: 'parity', testTimeoutMs: 60_000, turn: 0, maxWorkers: 2 })];

export default defineConfig({
  test: {
    reporters: [closingLine(), 'default'],
    // A stack or an engine is ended by a global setup's teardown.
    teardownTimeout: 60_000,
    projects: [
      ...(engineUnderTest(process.env) === defaultEngine ? once : onLocalStack),
      // Probes wait most of the time, and whole starts fit in beside them.
      suite({ name: 'probes', testTimeoutMs: 180_000, setup: 'engine', turn: 1, maxWorkers: 2 }),
      suite({ name: 'starts', testTimeoutMs: 60_000, setup: 'name', turn: 1, maxWorkers: 2 }),
      // One stack for all files, so one after the other; the second core is the stack's.
      suite({ name: 'e2e', testTimeoutMs: 60_000, setup: 'stack', turn: 2, maxWorkers: 1, onAws }),
    ],
  },
});
