/** What a probe is: one question to an engine, asked through AWS's own API and answered by what happened. */
import type { Lab } from './lab.ts';

export interface Finding {
  readonly does: boolean;
  /** What was seen, in a few words with figures: `3 of 5 calls refused with 429`. */
  readonly saw: string;
}

/**
 * Resolves with what the engine did. It rejects only when the question could not be put, which is a
 * fault of the probe, never a finding: an engine's refusal that stands for "not done" is caught and said.
 */
export type Probe = (lab: Lab) => Promise<Finding>;
