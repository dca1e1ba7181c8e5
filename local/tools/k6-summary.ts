/** What k6's exported summary says about a run, beyond its thresholds. */
import * as z from 'zod';

const metric = z.object({
  count: z.number().optional(),
  /** Of a rate: samples that were true, and those that were not. */
  passes: z.number().optional(),
  fails: z.number().optional(),
  /** True where k6 found the threshold crossed. */
  thresholds: z.record(z.string(), z.boolean()).optional(),
});

const summarySchema = z.object({ metrics: z.record(z.string(), metric) });

/** More than this share of iterations dropped means that the load asked for was not made. */
const mostDroppedRatio = 0.01;

/**
 * Why a run is no proof of anything, or proof of the contrary; empty when it passed.
 *
 * @throws z.ZodError for what is no summary of k6
 */
export function objectionsTo(summary: unknown): readonly string[] {
  const { metrics } = summarySchema.parse(summary);
  const count = (name: string): number => metrics[name]?.count ?? 0;
  const dropped = count('dropped_iterations');
  const wanted = dropped + count('iterations');
  const crossed = Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds)
      .filter(([, isCrossed]) => isCrossed)
      .map(([threshold]) => `${name}: not ${threshold}`),
  );
  // k6 lets a threshold pass that nothing was held against.
  const unmeasured = Object.entries(metrics)
    .filter(([, { thresholds, passes, fails }]) => thresholds && passes === 0 && fails === 0)
    .map(([name]) => `${name}: nothing was measured`);
  return [
    ...crossed,
    ...unmeasured,
    ...(count('http_reqs') === 0 ? ['no request was made'] : []),
    ...(dropped > mostDroppedRatio * wanted
      ? [`${dropped} of ${wanted} iterations were dropped: more than 1 %`]
      : []),
  ];
}
