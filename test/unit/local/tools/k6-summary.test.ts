import { describe, expect, it } from 'vitest';
import { objectionsTo } from '#local/tools/k6-summary.ts';

/** As k6's --summary-export writes it: thresholds are true where they are crossed. */
const summary = (metrics: Record<string, unknown>) => ({
  root_group: {},
  metrics: { http_reqs: { count: 120, rate: 24 }, iterations: { count: 99, rate: 20 }, ...metrics },
});

describe('the summary of a load test', () => {
  it('passes when requests were made and every threshold held', () => {
    expect(
      objectionsTo(
        summary({
          checks: { passes: 99, fails: 0, value: 1, thresholds: { 'rate==1': false } },
          dropped_iterations: { count: 1, rate: 0.2 },
        }),
      ),
    ).toEqual([]);
  });

  it('names the threshold that was crossed', () => {
    expect(
      objectionsTo(
        summary({
          http_req_duration: { avg: 3, thresholds: { 'p(95)<300': true, 'max<9': false } },
        }),
      ),
    ).toEqual(['http_req_duration: not p(95)<300']);
  });

  it('is no proof without a request', () => {
    expect(objectionsTo({ metrics: { iterations: { count: 0 } } })).toEqual([
      'no request was made',
    ]);
  });

  it('is no proof when more than one iteration in a hundred was dropped', () => {
    expect(objectionsTo(summary({ dropped_iterations: { count: 2 } }))).toEqual([
      '2 of 101 iterations were dropped: more than 1 %',
    ]);
  });

  it('is no proof of a rate that nothing was held against, though k6 lets it pass', () => {
    expect(
      objectionsTo(
        summary({
          'succeeded{phase:calm}': { passes: 0, fails: 0, thresholds: { 'rate==1': false } },
          shed: { passes: 0, fails: 8, value: 0, thresholds: { 'rate==0': false } },
          unheld: { passes: 0, fails: 0, value: 0 },
        }),
      ),
    ).toEqual(['succeeded{phase:calm}: nothing was measured']);
  });

  it('is refused when it is something else', () => {
    expect(() => objectionsTo({ hello: 1 })).toThrow(/metrics/);
  });
});
