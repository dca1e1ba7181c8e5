import { idiomRules } from './idioms.ts';
import { ruleSuite } from './rule-suite.ts';

const dynamo = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';`;

ruleSuite(idiomRules, {
  'an AWS client has time limits': {
    convicts: [
      ['functions/health/handler.ts', `${dynamo} new DynamoDBClient();`],
      ['shared/state/dynamodb-client.ts', `${dynamo} new DynamoDBClient({});`],
      ['ops/logs.ts', `${dynamo} new DynamoDBClient({ maxAttempts: 1, ...clientOptions() });`],
      ['ops/logs.ts', `import { SQSClient as Queues } from '@aws-sdk/client-sqs'; new Queues({});`],
    ],
    acquits: [
      ['shared/state/dynamodb-client.ts', `${dynamo} new DynamoDBClient(clientOptions());`],
      ['ops/logs.ts', `${dynamo} new DynamoDBClient({ ...clientOptions(), region });`],
      ['test/contract/a.test.ts', `${dynamo} new DynamoDBClient({});`],
      ['functions/api.ts', `import { OurClient } from './our-client.ts'; new OurClient();`],
    ],
  },
  'no AWS client has an endpoint option': {
    convicts: [
      ['local/seed.ts', `${dynamo} new DynamoDBClient({ endpoint: 'http://127.0.0.1:4566' });`],
      ['ops/logs.ts', `${dynamo} new DynamoDBClient({ ...clientOptions(), endpoint });`],
    ],
    acquits: [['local/seed.ts', `${dynamo} new DynamoDBClient({ region });`]],
  },
  'zod is imported so that what is unused is left out of the bundle': {
    convicts: [
      ['functions/contract.ts', `import { z } from 'zod';`],
      ['functions/contract.ts', `import z from 'zod';`],
      ['functions/contract.ts', `import { type ZodType, string } from 'zod';`],
    ],
    acquits: [
      ['functions/contract.ts', `import * as z from 'zod';`],
      ['functions/contract.ts', `import type { ZodType } from 'zod';`],
    ],
  },
});
