import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queues } from '#functions/tables/queues.ts';
import { InProgressElsewhere, PermanentFault, RecipientFault } from '#shared/worker/faults.ts';
import { retryDelayMs, shortestSpanMs, verdict } from '#shared/worker/verdict.ts';

const policy = { maxAttempts: 4, baseDelayMs: 1_000, maxDelayMs: 3_000 };
const never = () => 0;
const almostOne = () => 1 - 2 ** -53;

describe('retryDelayMs', () => {
  it.each([
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 1_500, 3_000],
    [4, 1_500, 3_000],
    [60, 1_500, 3_000],
  ])('after attempt %i is between %i and %i ms', (attempt, least, most) => {
    expect(retryDelayMs(attempt, policy, never)).toBe(least);
    expect(retryDelayMs(attempt, policy, almostOne)).toBeLessThanOrEqual(most);
    expect(retryDelayMs(attempt, policy, almostOne)).toBeCloseTo(most);
  });

  it('is never below its certain half, never above its whole, and not the same for all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const least = retryDelayMs(attempt, policy, never);
          const delayMs = retryDelayMs(attempt, policy, () => random);
          expect(delayMs).toBeGreaterThanOrEqual(least);
          expect(delayMs).toBeLessThanOrEqual(2 * least);
        },
      ),
    );
  });
});

describe.each(Object.entries(queues))('the attempts of %s', (_, row) => {
  it('outlast the outage that it tolerates, however the jitter falls', () => {
    expect(shortestSpanMs(row)).toBeGreaterThanOrEqual(row.toleratedOutageMs);
  });

  it('wait no longer than SQS can hide a message', () => {
    expect(row.maxDelayMs).toBeLessThanOrEqual(12 * 3_600_000);
  });
});

describe('verdict', () => {
  const of = (fault: unknown, attempt: number) => verdict(fault, attempt, policy, never);

  it('buries a permanent fault at its first attempt, under its own reason', () => {
    expect(of(new PermanentFault('order-missing'), 1)).toEqual({
      bury: true,
      cause: 'order-missing',
      error: 'PermanentFault',
    });
  });

  it.each([
    [1, 500],
    [2, 1_000],
    [3, 1_500],
  ])('tries anything else again after attempt %i', (attempt, afterMs) => {
    expect(of(new RangeError('x'), attempt)).toEqual({
      bury: false,
      afterMs,
      exact: false,
      error: 'RangeError',
    });
  });

  it.each([4, 5])('buries it after attempt %i, the last permitted one or a later', (attempt) => {
    expect(of(new RangeError('x'), attempt)).toEqual({
      bury: true,
      cause: 'attempts-exhausted',
      error: 'RangeError',
    });
  });

  it.each([1, 4])(
    'leaves what another is at for the rest of its lease, on receive %i as on any permitted one',
    (attempt) => {
      expect(of(new InProgressElsewhere(7_300), attempt)).toEqual({
        bury: false,
        afterMs: 7_300,
        exact: true,
        error: 'InProgressElsewhere',
      });
    },
  );

  it('gives it a second at least', () => {
    expect(of(new InProgressElsewhere(0), 1)).toMatchObject({ afterMs: 1_000 });
  });

  it('buries it on the receive that is left for crashes, before the queue does without a cause', () => {
    expect(of(new InProgressElsewhere(7_300), 5)).toMatchObject({
      bury: true,
      cause: 'attempts-exhausted',
      error: 'InProgressElsewhere',
    });
  });

  it('never repeats what an error says: it may name a person', () => {
    const said = 'jo@example.com has no mailbox';
    for (const fault of [new Error(said), said, { said }])
      for (const attempt of [1, 4])
        expect(JSON.stringify(of(fault, attempt))).not.toContain('jo@example.com');
  });

  it('takes the refusal of a recipient, where nobody handled it, for a fault like others', () => {
    expect(of(new RecipientFault('no'), 1)).toMatchObject({ bury: false });
  });
});
