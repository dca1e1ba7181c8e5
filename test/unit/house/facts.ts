/** One fact once: what stands in a table is not written a second time in the code. */
import ts from 'typescript';
import { problemTypes } from '#shared/http/problem-types.ts';
import { metrics } from '#shared/telemetry/metrics.ts';
import { type Finding, finding, literalsOf, pickNodes, type Rule, type Source } from './sources.ts';

/** Tests may repeat a fact: that is how they check it. */
const isTest = ({ path }: Source): boolean => /^(test\/|vitest\.config)/.test(path);

/** A rule over the texts of a file, but for the files in which the fact is at home. */
const overTexts =
  (home: RegExp, judge: (text: string, isHead: boolean) => string | undefined): Rule =>
  (source) =>
    isTest(source) || home.test(source.path)
      ? []
      : literalsOf(source).flatMap(({ text, node }): Finding[] => {
          const what = judge(text, ts.isTemplateHead(node));
          return what === undefined ? [] : [finding(source, node, what)];
        });

/** `holdfast-local-…`, and `holdfast-${stage}`. */
const physicalNames = overTexts(/^functions\/tables\/names\.ts$/, (text, isHead) =>
  /(^|\W)holdfast-(local|sandbox)\b/.test(text) || (isHead && /(^|\W)holdfast-$/.test(text))
    ? 'names of deployed things come from functions/tables/names.ts'
    : undefined,
);

const logGroups = overTexts(/^functions\/tables\/names\.ts$/, (text) =>
  text.includes('/aws/lambda/') ? 'logGroupName of functions/tables/names.ts says it' : undefined,
);

const problemPaths = overTexts(/^shared\/http\/problem-types\.ts$/, (text) =>
  /(^|[^\w./-])\/problems\//.test(text)
    ? 'problemPath of shared/http/problem-types.ts says it'
    : undefined,
);

const titles = new Set<string>(Object.values(problemTypes).map(({ title }) => title));
const problemTitles = overTexts(/^shared\/http\/problem-types\.ts$/, (text) =>
  titles.has(text) ? 'problemTypes has this title' : undefined,
);

/** The namespace of our metrics in CloudWatch. */
const namespace = overTexts(/^functions\/tables\/names\.ts$/, (text) =>
  text.startsWith('Holdfast/')
    ? 'the namespace of the metrics stands in functions/tables/names.ts'
    : undefined,
);

/** A metric's name where no type checks it: CDK's `metricName`, and EMF written by hand. */
const metricNames: Rule = (source) =>
  isTest(source)
    ? []
    : pickNodes(source, (node): Finding | undefined =>
        ts.isPropertyAssignment(node) &&
        /^metricName$/i.test(node.name.getText()) &&
        ts.isStringLiteralLike(node.initializer) &&
        node.initializer.text in metrics
          ? finding(source, node, 'take the name from shared/telemetry/metrics.ts, by its type')
          : undefined,
      );

const processEnv: Rule = (source) =>
  /^(infra|ops|local|test)\//.test(source.path) ||
  /^functions\/[a-z-]+\/handler\.ts$/.test(source.path) ||
  isTest(source)
    ? []
    : pickNodes(source, (node): Finding | undefined =>
        ts.isPropertyAccessExpression(node) && node.getText() === 'process.env'
          ? finding(source, node, 'the environment is read by handlers, through functions/env.ts')
          : undefined,
      );

export const factRules: Readonly<Record<string, Rule>> = {
  'names of deployed things are made in one file': physicalNames,
  'log groups are named in one file': logGroups,
  'paths of problems are made in one file': problemPaths,
  'titles of problems stand in one file': problemTitles,
  'the namespace of metrics stands in one file': namespace,
  'names of metrics come from their table': metricNames,
  'the environment is read by handlers only': processEnv,
};
