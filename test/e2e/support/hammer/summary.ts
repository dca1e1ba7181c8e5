/** One line about a run. */
import type { Books } from '../audit/books.ts';
import { isDone } from './told.ts';

export interface SummaryOptions {
  readonly seed: number;
  readonly books: Pick<Books, 'told' | 'events' | 'parked'>;
  readonly sends: number;
  readonly crashed: number;
  /** Acknowledgements lost, by operation. */
  readonly lost: Readonly<Record<string, number>>;
  /** Answers that said to come back, by problem. */
  readonly putOff: ReadonlyMap<string, number>;
  readonly phasesMs: Readonly<Record<string, number>>;
}

export function summaryOf({
  seed,
  books: { told, events, parked },
  sends,
  crashed,
  lost,
  putOff,
  phasesMs,
}: SummaryOptions): string {
  const answers = told.flatMap((one) => one.answers);
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
  const byName = (entries: Iterable<readonly [string, number]>) =>
    [...entries].map(([name, times]) => `${name} ${times}`).join(', ');
  const seconds = Object.entries(phasesMs).map(
    ([phase, ms]) => `${phase} in ${(ms / 1_000).toFixed(1)} s`,
  );
  return [
    `conservation, seed ${seed}: ${told.length} requests, ${sends} sends`,
    `${sum(Object.values(lost))} lost acknowledgements (${byName(Object.entries(lost))})`,
    `${crashed} crashes`,
    `${answers.filter(({ status }) => status === 409).length} conflicts`,
    `${answers.filter((answer) => isDone(answer) && answer.replayed).length} replays`,
    `${sum(told.map(({ trespasses }) => trespasses.length))} trespasses`,
    `${sum(putOff.values())} put off (${byName(putOff)})`,
    `${events.length} events, ${parked.length} parked`,
    seconds.join(', '),
  ].join('; ');
}
