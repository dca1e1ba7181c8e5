/**
 * A thousand requests over all mutating routes, each sent two to five times at once and once more
 * later, while workers die in the middle and answers of AWS get lost: afterwards every table is read,
 * and nothing has happened twice, or not at all.
 *
 * `HOLDFAST_HAMMER` is the number of requests; `HOLDFAST_SEED` repeats a plan.
 */
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { type Check, checks } from './support/audit/audit.ts';
import { conservationRun, type Run } from './support/hammer/run.ts';
import { needs } from './support/needs.ts';
import { storyText } from './support/story.ts';

const requests = Number(process.env['HOLDFAST_HAMMER'] ?? 1_000);
const seed = Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 1_000_000);
const settleWithinMs = 120_000;

async function aRun(): Promise<Run> {
  const endpoint = inject('endpoint');
  if (endpoint === undefined) throw new Error('answers get lost on a local engine only');
  const run = await conservationRun({
    seed,
    requests,
    inFlight: 24,
    endpoint,
    lostRatio: 0.04,
    settleWithinMs,
    // A soak takes a while; a run of the suite says what it did when it is over.
    note: requests > 1_000 ? (text) => console.log(text) : () => {},
  });
  console.log(run.summary);
  return run;
}

let once: Promise<Run> | undefined;
let run: Run;

beforeEach(
  async (context) => {
    await needs(context, 'load');
    once ??= aRun();
    run = await once;
  },
  settleWithinMs + 120_000 + requests * 1_000,
);

describe(`${requests} requests, each sent 2 to 5 times at once and again later`, () => {
  it.each(Object.entries<Check>(checks))('%s', async (_, check) => {
    const wrong = check(run.books);
    const traceIds = wrong.join().match(/\b[0-9a-f]{32}\b/g) ?? [];
    for (const traceId of traceIds.slice(0, 2)) console.error(await storyText(traceId));
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  it('no message is left in any queue', () => {
    expect(run.left).toBe(0);
  });

  it('workers died, and answers of every kind of write were lost', () => {
    expect(run.crashed).toBeGreaterThanOrEqual(10);
    expect(Object.keys(run.lost)).toEqual(
      expect.arrayContaining(['TransactWriteItems', 'SendMessageBatch']),
    );
  });
});
