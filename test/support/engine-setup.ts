/** A bare engine for a suite, on a port of its own. */
import type { TestProject } from 'vitest/node';
import { startEngine } from '#local/engines/engines.ts';
import { engineUnderTest } from './engine-under-test.ts';
import type {} from './given-stack.ts';
import { orFault } from './setup-fault.ts';

export const setup = (project: TestProject): Promise<(() => Promise<void>) | undefined> =>
  orFault(project, async () => {
    const name = engineUnderTest(process.env);
    const engine = await startEngine(name);
    project.provide('engine', name);
    project.provide('endpoint', engine.endpoint);
    project.provide('region', engine.region);
    return engine.stop;
  });
