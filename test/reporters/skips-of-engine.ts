/** What a run left out of the suites that ran on a whole stack of an engine, as `needs` leaves it. */
import type { TestModule, TestProject } from 'vitest/node';
import { capabilities } from '#local/capabilities/table.ts';
import type {} from '../support/engine-under-test.ts';
import type { Skips } from './named-skips.ts';

/**
 * A suite on AWS, or one that could not start, has nothing to say of an engine; neither has a file
 * that has failed as a whole, whose tests were left out by that.
 *
 * @param asked the `-t` of the command line
 */
export async function skipsOfEngine(
  modules: readonly TestModule[],
  asked: RegExp | undefined,
): Promise<readonly Skips[]> {
  const projects = new Set(modules.map(({ project }) => project));
  const skips = await Promise.all(
    [...projects].map(async (project): Promise<Skips | undefined> => {
      const { engine, apiUrl } = project.getProvidedContext();
      if (engine === undefined || apiUrl === undefined) return undefined;
      const ran = modules.filter((module) => module.project === project);
      const sound = ran.filter((module) => !hasFailedAsAWhole(module));
      return {
        engine,
        rows: capabilities,
        leftOut: sound.flatMap((module) => leftOutOf(module, asked)),
        whole: asked === undefined && sound.length === ran.length && (await isWhole(project, ran)),
      };
    }),
  );
  return skips.filter((each) => each !== undefined);
}

const hasFailedAsAWhole = (module: TestModule): boolean =>
  [module, ...module.children.allSuites()].some((suite) => suite.errors().length > 0);

async function isWhole(project: TestProject, ran: readonly TestModule[]): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const files = new Set(ran.map(({ moduleId }) => moduleId));
  return testFiles.every((file) => files.has(file));
}

function leftOutOf(module: TestModule, asked: RegExp | undefined): Skips['leftOut'] {
  return [...module.children.allTests('skipped')]
    .filter((test) => asked?.test(test.fullName.replaceAll(' > ', ' ')) ?? true)
    .map((test) => {
      const result = test.result();
      return {
        test: test.fullName,
        reason: result.state === 'skipped' ? result.note : undefined,
      };
    });
}
