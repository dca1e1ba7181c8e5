/** What the batches that a stream's mapping gave to its function say of it. */

/** The names of the records in each batch, in the order of the batches. */
export type Batches = readonly (readonly string[])[];

/**
 * Whether the first batch with this record in its midst is followed by one that begins with it.
 *
 * @returns undefined when there is no such batch.
 */
export function comesAgainFrom(name: string, batches: Batches): boolean | undefined {
  const failed = batches.findIndex((names) => names.indexOf(name) > 0);
  return failed < 0 ? undefined : batches[failed + 1]?.[0] === name;
}

/** Whether this record has been alone in a batch, and all others in batches without it. */
export const isIsolated = (name: string, others: readonly string[], batches: Batches): boolean =>
  batches.some((names) => names.length === 1 && names[0] === name) &&
  others.every((other) => batches.some((names) => names.includes(other) && !names.includes(name)));

/** `a b c, then b c`. */
export const spoken = (batches: Batches): string =>
  batches.map((names) => names.join(' ')).join(', then ') || 'nothing';
