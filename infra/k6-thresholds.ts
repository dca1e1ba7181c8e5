/** The objectives as k6 thresholds, by route: requests carry the tag `route`. */
import { errorBudgetRatio, type SloRow, slos } from './slos.ts';

/** @see https://grafana.com/docs/k6/latest/using-k6/thresholds/ */
const thresholds = (route: string, row: SloRow) => ({
  [`http_req_failed{route:${route}}`]: [`rate<${errorBudgetRatio(row)}`],
  [`http_req_duration{route:${route}}`]: [`p(95)<${row.p95Ms}`],
});

export const k6Thresholds = (): string => {
  const byRoute = Object.entries(slos).map(([route, row]) => [route, thresholds(route, row)]);
  return `${JSON.stringify(Object.fromEntries(byRoute), null, 2)}\n`;
};
