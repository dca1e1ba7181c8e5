/** What load tests know of the pressure: its levels, who is refused at which, and how many mails are sent at once. */
import { queues } from '#functions/tables/queues.ts';
import { problemPath } from '#shared/http/problem-types.ts';
import { levels, treatments } from '#shared/pressure/levels.ts';
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
  const { maxConcurrency, batchSize, parallel } = queues['email:send'];
  const facts = {
    refusal: problemPath('overloaded'),
    levels,
    refusedFrom: refusedFrom(),
    mailsAtOnce: maxConcurrency * (parallel ? batchSize : 1),
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
};
