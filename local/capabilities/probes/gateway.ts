/** The API gateway: who is let in, what is checked before a function runs, and what it is told. */
import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { answerProbes } from './gateway/answers.ts';
import { functionProbes } from './gateway/functions.ts';
import { identityProbes } from './gateway/identity.ts';
import { keyProbes } from './gateway/keys.ts';
import { stageProbes } from './gateway/stage.ts';

export const gatewayProbes = {
  ...keyProbes,
  ...stageProbes,
  ...answerProbes,
  ...identityProbes,
  ...functionProbes,
} satisfies Record<CapabilityOf<'gateway'>, Probe>;
