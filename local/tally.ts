/** How many tests passed, failed and were left out, and the line that says so. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Of a run that was to be, and was not. */
export const oneFailure: Tally = { passed: 0, failed: 1, skipped: 0 };

export const toClosingLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** The tally as it stands for a run that ended with this exit code. */
export function judged(tally: Tally, exitCode: number): Tally {
  const nothingRan = tally.passed + tally.failed === 0;
  return tally.failed === 0 && (exitCode !== 0 || nothingRan) ? { ...tally, failed: 1 } : tally;
}

/** The tally of a run by what it left and by its exit code: one that left nothing has failed. */
export const tallyOf = (left: Tally | undefined, exitCode: number | null): Tally =>
  left ? judged(left, exitCode ?? 1) : oneFailure;

export const sumOf = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
  failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  skipped: tallies.reduce((sum, { skipped }) => sum + skipped, 0),
});

/**
 * What a run has left behind as its last act, or undefined: then it was killed, or never began.
 * Anything that is not a whole tally counts as nothing.
 */
export function readTally(text: string): Tally | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { passed, failed, skipped } = (parsed ?? {}) as Partial<Record<keyof Tally, unknown>>;
  return isCount(passed) && isCount(failed) && isCount(skipped)
    ? { passed, failed, skipped }
    : undefined;
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
