/**
 * The end of every test run: the tests left out, each with its reason, and one last line,
 * `12 passed, 0 failed` or `12 passed, 0 failed, 1 skipped`, that people and machines read.
 *
 * It fails closed. What is left out of the end-to-end suite and not by the table of capabilities is a
 * failure (named-skips.ts). A suite that cannot start, a file that cannot be imported, a hook, an unhandled
 * error: each counts as one failure; so does any other reason for an exit code above 0, and a run in
 * which no test ran.
 */
import { writeFileSync, writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import { judged, type Tally, toClosingLine } from '#local/tally.ts';
import { faultsOfSkips } from './named-skips.ts';
import { skipsOfEngine } from './skips-of-engine.ts';

const whyJudged = ({ passed, failed }: Tally): string =>
  passed + failed === 0 ? 'No test ran.' : 'The run itself failed, though no test did.';

/** What a run leaves behind, `HOLDFAST_TALLY` being a path: a run that was killed leaves nothing. */
const tallyPath = process.env['HOLDFAST_TALLY'];

const hasErrors = (task: TestModule | TestSuite): boolean => task.errors().length > 0;

function countOf(modules: readonly TestModule[], unhandled: number, skipped: readonly TestCase[]) {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  return {
    passed: inState('passed'),
    failed: inState('failed') + suites.filter(hasErrors).length + unhandled,
    skipped: skipped.length,
  };
}

/** The tests left out on purpose; not those that a `-t` on the command line did not ask for. */
function skippedOf(modules: readonly TestModule[], asked: RegExp | undefined): TestCase[] {
  return modules
    .flatMap((module) => [...module.children.allTests('skipped')])
    .filter((test) => asked?.test(test.fullName.replaceAll(' > ', ' ')) ?? true);
}

function toSkippedLine(test: TestCase): string {
  const result = test.result();
  const reason = result.state === 'skipped' ? result.note : undefined;
  const suite = test.module.project.name;
  return `  ${suite && `${suite} · `}${test.fullName}: ${reason ?? `no reason given (${test.options.mode})`}`;
}

export function closingLine(): Reporter {
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  let skippedLines: readonly string[] = [];
  let misnamed: readonly string[] = [];
  let vitest: Vitest | undefined;

  return {
    onInit(started) {
      vitest = started;
      // After everything else that this process prints, the reason why a suite did not start among it.
      process.once('exit', (code) => {
        const final = judged(tally, code);
        if (final.failed > 0 && code === 0) process.exitCode = 1;
        const list = skippedLines.length > 0 ? ['', 'Left out:', ...skippedLines] : [];
        const verdict = final === tally ? [] : ['', whyJudged(tally)];
        const faults = misnamed.map(
          (fault) => `\nNot as the table of capabilities has it: ${fault}`,
        );
        writeSync(1, [...list, ...faults, ...verdict, '', toClosingLine(final), ''].join('\n'));
        if (tallyPath) writeFileSync(tallyPath, JSON.stringify(final));
      });
    },
    async onTestRunEnd(modules, unhandled, reason) {
      const asked = vitest?.config.testNamePattern;
      const skipped = skippedOf(modules, asked);
      skippedLines = skipped.map(toSkippedLine);
      tally = countOf(modules, unhandled.length, skipped);
      if (reason === 'interrupted') return;
      misnamed = (await skipsOfEngine(modules, asked)).flatMap(faultsOfSkips);
      tally = { ...tally, failed: tally.failed + misnamed.length };
    },
  };
}
