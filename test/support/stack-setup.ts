/** A whole stack for the end-to-end suite: the one that is named, or its own on free ports. */
import type { TestProject } from 'vitest/node';
import { enterNamedStack } from '#local/ask-stack.ts';
import { engineAt } from '#local/engines/at-endpoint.ts';
import type { EngineName } from '#local/engines/names.ts';
import { namedStack } from '#local/named-stack.ts';
import { progress } from '#local/progress.ts';
import { engineUnderTest } from './engine-under-test.ts';
import type { GivenStack } from './given-stack.ts';
import { orFault } from './setup-fault.ts';

/** Whole lines, though it be a terminal: vitest draws there at the same time. */
const plainStderr = { write: (text: string) => process.stderr.write(text) };

export const setup = (project: TestProject): Promise<(() => Promise<void>) | undefined> =>
  orFault(project, async () => {
    const named = namedStack(process.env);
    if (named) {
      const stack = await enterNamedStack(named);
      hand(project, stack, stack.endpoint ? await engineAt(stack.endpoint) : undefined);
      return undefined;
    }
    // Only now: a named stack needs neither the CDK nor an engine.
    const { startStack } = await import('#local/stack.ts');
    const engine = engineUnderTest(process.env);
    const stack = await startStack({ engine, steps: progress({ stream: plainStderr }) });
    hand(project, stack, engine);
    return stack.stop;
  });

function hand(
  { provide }: TestProject,
  { stage, apiUrl, endpoint, region, apiKeys }: GivenStack,
  engine: EngineName | undefined,
): void {
  provide('stage', stage);
  provide('apiUrl', apiUrl);
  provide('endpoint', endpoint);
  provide('region', region);
  provide('apiKeys', apiKeys);
  provide('engine', engine);
}
