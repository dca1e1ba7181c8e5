/** What a deployed function finds around it, for tests that load a handler. */

import { vi } from 'vitest';
import { type Deployed, toEnvironment } from '#functions/env.ts';
import type { FunctionName } from '#functions/tables/functions.ts';

export const deployed: Deployed = {
  stage: 'local',
  tableName: (table) => `table-${table}`,
  queueUrl: (queue) => `http://queues.test/${queue}`,
  deadLetterUrl: (queue) => `http://queues.test/${queue}-dlq`,
  secretId: (secret) => `secret-${secret}`,
  functionName: (name) => `function-${name}`,
  numbers: {
    retryDelayRatio: 1,
    sweepAfterMs: 60_000,
    limitsTimeoutMs: 250,
    tracing: false,
    faults: true,
  },
};

export function stubEnvironment(name: FunctionName): void {
  for (const [variable, value] of Object.entries(toEnvironment(name, deployed)))
    vi.stubEnv(variable, value);
}
