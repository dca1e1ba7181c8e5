// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are source text
import { arrowRules } from './arrows.ts';
import { ruleSuite } from './rule-suite.ts';

ruleSuite(arrowRules, {
  'rooms import along the arrows': {
    convicts: [
      ['shared/outbox/relay.ts', `import { queues } from '#functions/tables/queues.ts';`],
      ['functions/create-order/handler.ts', `import { app } from '#infra/app.ts';`],
      ['infra/app.ts', `import { startStack } from '#local/stack.ts';`],
      ['ops/logs.ts', `export { checkout } from '#local/bootstrap/paths.mjs';`],
      ['local/stack.ts', `const { tables } = await import('#test/support/tables.ts');`],
      ['ops/story.ts', `import type { Metric } from '../shared/telemetry/metrics.ts';`],
      ['shared/outbox/relay.ts', `import { deadline } from '#shared/deadline/deadline.ts';`],
      ['local/stack.ts', `import x from '../elsewhere/x.ts';`],
      ['shared/outbox/relay.ts', `let a: import('#functions/tables/queues.ts').QueueName;`],
    ],
    acquits: [
      ['shared/outbox/relay.ts', `import { deadline } from '../deadline/deadline.ts';`],
      [
        'functions/create-order/handler.ts',
        `import { deadline } from '#shared/deadline/deadline.ts';`,
      ],
      ['test/e2e/orders.test.ts', `import { startStack } from '#local/stack.ts';`],
      [
        'shared/outbox/relay.ts',
        `// import '#infra/app.ts'\nconst text = "import '#infra/app.ts'";`,
      ],
    ],
  },
  'infra, ops and local know the facts of functions, not their code': {
    convicts: [
      ['infra/app.ts', `import { handler } from '#functions/health/handler.ts';`],
      ['local/seed.ts', `import { publish } from '#functions/publish.ts';`],
      ['infra/app.ts', `import { toOrderItem } from '#functions/domain/order.ts';`],
      ['ops/story.ts', `import type { Scope } from '#functions/telemetry.ts';`],
      ['ops/dlq.ts', `import { toOrderItem } from '#functions/domain/order.ts';`],
    ],
    acquits: [
      ['infra/app.ts', `import { queues } from '#functions/tables/queues.ts';`],
      ['local/stack.ts', `import { toEnvironment } from '#functions/env.ts';`],
      ['local/seed.ts', `import { toOrderItem } from '#functions/domain/order.ts';`],
      ['ops/dlq.ts', `import { toReplayView } from '#functions/domain/letter-view.ts';`],
    ],
  },
  'infra takes no adapter from shared': {
    convicts: [['infra/app.ts', `import { dynamoStore } from '#shared/state/dynamodb-store.ts';`]],
    acquits: [['infra/app.ts', `import { metrics } from '#shared/telemetry/metrics.ts';`]],
  },
  'a pattern knows ports, no adapter and no other pattern': {
    convicts: [
      [
        'shared/idempotency/unit-of-work.ts',
        `import { dynamoStore } from '../state/dynamodb-store.ts';`,
      ],
      [
        'shared/idempotency/unit-of-work.ts',
        `import { memoryStore } from '../state/memory-store.ts';`,
      ],
      ['shared/idempotency/unit-of-work.ts', `import type { Relay } from '../outbox/relay.ts';`],
      ['shared/worker/worker.ts', `import { send } from './sqs-sender.ts';`],
      ['shared/http/chain.ts', `import { verifier } from '../auth/token.ts';`],
      ['shared/auth/token.ts', `import type { Call } from '../http/call.ts';`],
      ['shared/worker/sqs-sender.ts', `import { retry } from '../retry/retry.ts';`],
    ],
    acquits: [
      ['shared/idempotency/unit-of-work.ts', `import type { Item } from '../state/items.ts';`],
      ['shared/idempotency/unit-of-work.ts', `import { key } from './key.ts';`],
      ['shared/http/chain.ts', `import { type Verifier } from '../auth/token.ts';`],
      [
        'shared/state/dynamodb-client.ts',
        `import { clientOptions } from '../aws/client-options.ts';`,
      ],
      ['shared/worker/sqs-sender.ts', `import type { Letter } from './letter.ts';`],
    ],
  },
  'a function knows no other function': {
    convicts: [
      [
        'functions/get-order/get-order.ts',
        `import { place } from '../create-order/create-order.ts';`,
      ],
      ['functions/api.ts', `import { handler } from './health/handler.ts';`],
      ['functions/api.ts', `import { place } from './create-order/create-order.ts';`],
      ['functions/domain/order.ts', `import { api } from '../api.ts';`],
      ['functions/tables/queues.ts', `import type { Order } from '../domain/order.ts';`],
    ],
    acquits: [
      ['functions/get-order/handler.ts', `import { getOrder } from './get-order.ts';`],
      ['functions/get-order/handler.ts', `import { api } from '../api.ts';`],
      ['functions/get-order/get-order.ts', `import type { Order } from '../domain/order.ts';`],
      ['functions/contracts.ts', `import { contract } from './get-order/contract.ts';`],
    ],
  },
  'the SDK is imported by adapters and handlers only': {
    convicts: [
      ['shared/outbox/relay.ts', `import type { Record } from '@aws-sdk/client-dynamodb-streams';`],
      [
        'functions/create-order/create-order.ts',
        `import { marshall } from '@aws-sdk/util-dynamodb';`,
      ],
      ['functions/telemetry.ts', `const sdk = await import('@aws-sdk/client-sqs');`],
    ],
    acquits: [
      ['shared/state/dynamodb-store.ts', `import { marshall } from '@aws-sdk/util-dynamodb';`],
      ['functions/create-order/handler.ts', `import { SQSClient } from '@aws-sdk/client-sqs';`],
      ['ops/logs.ts', `import { SQSClient } from '@aws-sdk/client-sqs';`],
    ],
  },
  'the CDK is imported by infra and its tests only': {
    convicts: [
      ['local/stack.ts', `import { App } from 'aws-cdk-lib';`],
      ['ops/logs.ts', `import { LogGroup } from 'aws-cdk-lib/aws-logs';`],
      ['functions/tables/tables.ts', `import type { Construct } from 'constructs';`],
      ['test/unit/stacks.test.ts', `import { Template } from 'aws-cdk-lib/assertions';`],
    ],
    acquits: [
      ['infra/app.ts', `import { App } from 'aws-cdk-lib';`],
      ['test/infra/stacks.test.ts', `import { Template } from 'aws-cdk-lib/assertions';`],
    ],
  },
  'k6 scripts import k6 and generated data only': {
    convicts: [
      ['k6/orders.ts', `import { routes } from '#functions/tables/routes.ts';`],
      ['k6/orders.ts', `import { routes } from '../functions/tables/routes.ts';`],
      ['k6/orders.ts', `import fs from 'node:fs';`],
      ['k6/orders.ts', `import { uuid } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';`],
    ],
    acquits: [
      ['k6/orders.ts', `import http from 'k6/http';\nimport { check } from 'k6';`],
      ['k6/orders.ts', `import thresholds from './generated/thresholds.json';`],
    ],
  },
  'imports are literal': {
    convicts: [['functions/api.ts', 'const route = await import(`./${name}/handler.ts`);']],
    acquits: [['functions/telemetry.ts', `await import('@aws-lambda-powertools/tracer');`]],
  },
});
