/** What load tests know of the pressure: its levels, who is refused at which, and how many mails are sent at once. */
import { pressureTimes } from '#functions/tables/pressure.ts';
import { queues } from '#functions/tables/queues.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { defaultThresholds, levels, treatments } from '#shared/pressure/levels.ts';
import { priorities } from '#shared/pressure/priority.ts';

/** The first level at which calls of a priority are refused; absent for one that never is. */
const refusedFrom = () =>
  Object.fromEntries(
    priorities.flatMap((priority) => {
      const level = levels.find((each) => treatments[each][priority] === 'refused');
      return level ? [[priority, level]] : [];
    }),
  );

export const k6Pressure = (): string => {
  const { freshMs, reportLifeMs } = pressureTimes;
  const { maxConcurrency, batchSize, parallel } = queues['email:send'];
  const priorityOf = Object.fromEntries(
    Object.entries<RouteRow>(routes).map(([route, { priority }]) => [route, priority]),
  );
  const facts = {
    levels,
    thresholds: defaultThresholds,
    refusedFrom: refusedFrom(),
    freshMs,
    reportLifeMs,
    mailsAtOnce: maxConcurrency * (parallel ? batchSize : 1),
    priorityOf,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
};
