// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are source text
import { factRules } from './facts.ts';
import { ruleSuite } from './rule-suite.ts';

ruleSuite(factRules, {
  'names of deployed things are made in one file': {
    convicts: [
      ['infra/stacks/state.ts', `const tableName = 'holdfast-local-domain';`],
      ['ops/story.ts', 'const group = `/aws/lambda/holdfast-${stage}-${name}`;'],
      ['local/settle.ts', `const arn = 'arn:aws:sqs:us-east-1:000000000000:holdfast-sandbox-x';`],
    ],
    acquits: [
      ['local/commands/test.ts', `mkdtempSync('holdfast-test-');`],
      ['test/unit/names.test.ts', `expect(name).toBe('holdfast-local-domain');`],
      ['infra/stacks/state.ts', `// holdfast-local-domain`],
    ],
  },
  'log groups are named in one file': {
    convicts: [['ops/story.ts', 'const group = `/aws/lambda/${name}`;']],
    acquits: [['functions/tables/names.ts', 'const group = `/aws/lambda/${name}`;']],
  },
  'paths of problems are made in one file': {
    convicts: [
      ['functions/openapi.ts', 'const type = `/problems/${slug}`;'],
      ['infra/gateway.ts', `const body = '{"type": "/problems/rate-limited"}';`],
    ],
    acquits: [['functions/openapi.ts', 'const page = `docs/problems/${slug}.md`;']],
  },
  'titles of problems stand in one file': {
    convicts: [['infra/gateway.ts', `const title = 'A valid API key is needed';`]],
    acquits: [['infra/gateway.ts', `const { title } = problemTypes['api-key-invalid'];`]],
  },
  'the namespace of metrics stands in one file': {
    convicts: [['infra/dashboards.ts', `const namespace = 'Holdfast/local';`]],
    acquits: [['infra/dashboards.ts', `const title = 'Holdfast orders';`]],
  },
  'names of metrics come from their table': {
    convicts: [['infra/dashboards.ts', `new Metric({ namespace, metricName: 'EventsSwept' });`]],
    acquits: [
      [
        'infra/dashboards.ts',
        `new Metric({ namespace: 'AWS/SQS', metricName: 'NumberOfMessagesSent' });`,
      ],
    ],
  },
  'the environment is read by handlers only': {
    convicts: [
      ['shared/state/dynamodb-client.ts', `const region = process.env['AWS_REGION'];`],
      ['functions/api.ts', 'const { STAGE } = process.env;'],
    ],
    acquits: [
      ['functions/health/handler.ts', `readEnv('health', process.env);`],
      ['local/stack.ts', 'spawn(node, [], { env: process.env });'],
    ],
  },
});
