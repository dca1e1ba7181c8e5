/** A suite that cannot start must not take the other suites with it, as vitest would have it. */
import type { TestProject } from 'vitest/node';
import type {} from './given-stack.ts';

/** Runs a suite's global setup. Where it fails, each file of the suite fails with its reason. */
export async function orFault<Teardown>(
  { name, provide }: Pick<TestProject, 'name' | 'provide'>,
  start: () => Promise<Teardown>,
): Promise<Teardown | undefined> {
  try {
    const teardown = await start();
    provide('setupFault', undefined);
    return teardown;
  } catch (error) {
    console.error(`The suite ${name} cannot start:`, error);
    provide('setupFault', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
