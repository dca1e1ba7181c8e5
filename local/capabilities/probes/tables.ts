/** DynamoDB: conditions, transactions, limits, and items whose time has come. */

import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { limitProbes } from './tables-limits.ts';
import { timeToLiveProbes } from './tables-time-to-live.ts';
import { transactionProbes } from './tables-transactions.ts';

export const tableProbes = {
  ...transactionProbes,
  ...limitProbes,
  ...timeToLiveProbes,
} satisfies Record<CapabilityOf<'tables'>, Probe>;
