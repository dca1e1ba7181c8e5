/** A whole stack for the end-to-end suite: the given one, or its own on free ports. */
import type { TestProject } from 'vitest/node';
import { progress } from '#local/progress.ts';
import { type GivenStack, readGivenStack } from './given-stack.ts';
import { orFault } from './setup-fault.ts';

/** Whole lines, though it be a terminal: vitest draws there at the same time. */
const plainStderr = { write: (text: string) => process.stderr.write(text) };

export const setup = (project: TestProject): Promise<(() => Promise<void>) | undefined> =>
  orFault(project, async () => {
    const given = readGivenStack(process.env);
    if (given) {
      hand(project, given);
      return undefined;
    }
    // Only now: a given stack needs neither the CDK nor an engine.
    const { startStack } = await import('#local/stack.ts');
    const stack = await startStack({ steps: progress({ stream: plainStderr }) });
    hand(project, stack);
    return stack.stop;
  });

function hand({ provide }: TestProject, { apiUrl, endpoint, region, apiKeys }: GivenStack): void {
  provide('apiUrl', apiUrl);
  provide('endpoint', endpoint);
  provide('region', region);
  provide('apiKeys', apiKeys);
}
