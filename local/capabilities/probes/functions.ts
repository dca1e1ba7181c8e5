/** Functions: their ends, their environments, and the events sent to them. */

import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { environmentProbes } from './functions-environments.ts';
import { eventProbes } from './functions-events.ts';
import { faultProbes } from './functions-faults.ts';
import { recursiveLoop } from './functions-loop.ts';

export const functionProbes = {
  ...environmentProbes,
  ...faultProbes,
  ...eventProbes,
  'recursive-loop': recursiveLoop,
} satisfies Record<CapabilityOf<'functions'>, Probe>;
