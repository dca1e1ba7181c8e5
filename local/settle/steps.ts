/** All that is looked at, and mended where an engine dropped it. A new step is a file and a row. */
import type { Step } from './step.ts';
import { accessLogs } from './steps/access-logs.ts';
import { encryption } from './steps/encryption.ts';
import { eventSources } from './steps/event-sources.ts';
import { functions } from './steps/functions.ts';
import { gatewayResponses } from './steps/gateway-responses.ts';
import { logGroups } from './steps/log-groups.ts';
import { methods } from './steps/methods.ts';
import { pointInTimeRecovery } from './steps/point-in-time-recovery.ts';
import { queues } from './steps/queues.ts';
import { requestValidators } from './steps/request-validators.ts';
import { reservedConcurrency } from './steps/reserved-concurrency.ts';
import { stageThrottles } from './steps/stage-throttles.ts';
import { tables } from './steps/tables.ts';
import { timeToLive } from './steps/time-to-live.ts';
import { usagePlanKeys } from './steps/usage-plan-keys.ts';
import { usagePlans } from './steps/usage-plans.ts';

export const everyStep: readonly Step[] = [
  tables,
  encryption,
  timeToLive,
  pointInTimeRecovery,
  queues,
  functions,
  reservedConcurrency,
  eventSources,
  methods,
  requestValidators,
  stageThrottles,
  accessLogs,
  usagePlans,
  usagePlanKeys,
  gatewayResponses,
  logGroups,
];
