import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DeadlineExceededError, deadline } from '#shared/deadline/deadline.ts';
import {
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  RecordFaultError,
} from '#shared/idempotency/errors.ts';
import { runSteps } from '#shared/idempotency/powertools-layer.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import type { Fault, StoreCall } from '#shared/state/memory-store.ts';
import { accountAt, freezer, gated, holdMs, hourMs, payDesk, recordAt } from './pay-desk.ts';

const outsideKey = uuidV8Of('k');

const on =
  (verb: StoreCall['verb'], fault: Fault, which: (nth: number) => boolean = () => true) =>
  (call: StoreCall, nth: number): Fault | undefined =>
    call.verb === verb && which(nth) ? fault : undefined;

const timesOut = async (): Promise<never> => {
  throw new Error('timed out');
};

describe('a leased unit of work', () => {
  it('takes the lease, asks, and commits answer, entity and event in its place', async () => {
    const d = payDesk();
    let during: unknown;
    const outcome = await d.pay(async (outside) => {
      during = d.record();
      return d.charge(outside);
    });
    expect(outcome).toEqual({ how: 'committed', answer: { charge: 'charge-1', paid: 30 } });
    expect(during).toMatchObject({
      status: 'running',
      outsideKey,
      leaseUntilMs: d.clock.nowMs + holdMs,
      expiresAtMs: d.clock.nowMs + hourMs,
    });
    expect(d.record()).toEqual({
      pk: 'idem#k',
      fingerprint: 'f',
      owner: expect.any(String),
      answer: '{"charge":"charge-1","paid":30}',
      expiresAtMs: d.clock.nowMs + hourMs,
      ttl: (d.clock.nowMs + hourMs) / 1_000,
    });
    expect([d.counts['write'], d.counts['commit'], d.events()]).toEqual([1, 1, 1]);
  });

  it.each([false, true])(
    'answers a repeated request without asking again (peek: %s)',
    async (peek) => {
      const d = payDesk();
      const first = await d.pay();
      await d.store.write({ set: { paid: 99 }, add: { version: 1 }, at: accountAt });
      expect(await d.pay(timesOut, { peek })).toEqual({ ...first, how: 'replayed' });
      expect([...d.charges.values()]).toMatchObject([{ asked: 1 }]);
    },
  );

  it('asks again when its record has lapsed, though the store still holds it', async () => {
    const d = payDesk();
    await d.pay();
    d.clock.nowMs += hourMs - 1;
    expect(await d.pay()).toMatchObject({ how: 'replayed' });
    d.clock.nowMs += 1;
    expect(await d.pay(undefined, { peek: true })).toMatchObject({ how: 'committed' });
  });

  it('gives the effect the key and id that derive from the request, or the key that it names', async () => {
    const d = payDesk();
    const given: unknown[] = [];
    await d.pay(async ({ key, id }) => {
      given.push(key, id);
      return { refused: 'no' };
    });
    await d.pay(
      async ({ key, id }) => {
        given.push(key, id);
        return { refused: 'no' };
      },
      { outsideKey: 'event-7' },
    );
    expect(given).toEqual([outsideKey, outsideKey, 'event-7', outsideKey]);
  });

  it('tells whoever comes meanwhile how long the lease still runs, and leaves it alone', async () => {
    const d = payDesk();
    const { pass, reached, wake } = freezer('asking');
    const first = d.pay(async (outside) => {
      await pass('asking');
      return d.charge(outside);
    });
    await reached;
    const held = d.record();
    d.clock.nowMs += 4_000;
    // powertools-lambda-typescript#5675: a refused duplicate freed the lease of the running owner.
    for (let i = 0; i < 3; i++) {
      const failure = await d.pay(timesOut).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InProgressError);
      expect(failure).toMatchObject({ retryAfterMs: holdMs - 4_000 });
      expect(d.record()).toEqual(held);
    }
    wake();
    expect(await first).toMatchObject({ how: 'committed' });
    expect([d.charges.size, d.events()]).toEqual([1, 1]);
  });

  it('has one effect when the same request comes twenty times at once', async () => {
    const d = payDesk();
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => d.pay()));
    const committed = ends.filter(
      (end) => end.status === 'fulfilled' && end.value.how === 'committed',
    );
    expect(committed).toHaveLength(1);
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(InProgressError);
    expect([...d.charges.values()]).toMatchObject([{ asked: 1 }]);
    expect([d.events(), d.paid()]).toEqual([1, 30]);
  });

  it('rejects another payload under its key: running, unknown or done', async () => {
    const d = payDesk();
    const other = () =>
      expect(d.pay(undefined, { fingerprint: 'g' })).rejects.toThrow(KeyReusedError);
    await d.pay(async (outside) => {
      await other();
      return d.charge(outside);
    });
    await other();
    const unknown = payDesk();
    await unknown.pay(timesOut).catch(() => {});
    await expect(unknown.pay(undefined, { fingerprint: 'g' })).rejects.toThrow(KeyReusedError);
  });

  it('frees the key for a refusal, which leaves no trace', async () => {
    const d = payDesk();
    const refusing = d.pay(async () => ({ refused: 'card declined' }));
    expect(await refusing).toEqual({ how: 'refused', refusal: 'card declined' });
    expect(d.record()).toBeUndefined();
    expect(await d.pay()).toMatchObject({ how: 'committed' });
  });

  it.each(['lose-request', 'lose-answer'] as const)(
    'refuses although its release is lost (%s): nobody else can have been answered',
    async (fault) => {
      const d = payDesk({ faults: on('write', fault, (nth) => nth === 2) });
      const refusing = d.pay(async () => ({ refused: 'card declined' }));
      expect(await refusing).toEqual({ how: 'refused', refusal: 'card declined' });
      d.clock.nowMs += holdMs;
      expect(await d.pay()).toMatchObject({ how: 'committed' });
    },
  );

  it('refuses nothing when neither its release nor the record was heard of', async () => {
    const d = payDesk({
      faults: (call, nth) =>
        on('write', 'lose-request', (n) => n === 2)(call, nth) ??
        on('read', 'lose-request')(call, nth),
    });
    const failure = await d.pay(async () => ({ refused: 'no' })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutcomeUnknownError);
    expect(failure).toMatchObject({ cause: { refusal: 'no' } });
  });

  it('frees nothing when the effect throws: the next attempt asks at once, under the same key', async () => {
    const d = payDesk();
    const failure = await d
      .pay(async (outside) => {
        d.charge(outside);
        return timesOut();
      })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutcomeUnknownError);
    expect(failure).toMatchObject({ cause: { message: 'timed out' } });
    expect(d.record()).toMatchObject({ status: 'unknown', outsideKey });

    expect(await d.pay()).toMatchObject({ how: 'committed', answer: { charge: 'charge-1' } });
    expect([...d.charges]).toEqual([[outsideKey, { charge: 'charge-1', asked: 2 }]]);
    expect(d.happened).toEqual(['unknown', 'taken-over', 'committed']);
  });

  it('hides the error of the effect behind none of its own when the record cannot be marked', async () => {
    const d = payDesk({ faults: on('write', 'lose-request', (nth) => nth === 2) });
    const failure = await d.pay(timesOut).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'OutcomeUnknownError', cause: { message: 'timed out' } });
    await expect(d.pay()).rejects.toThrow(InProgressError);
    d.clock.nowMs += holdMs;
    expect(await d.pay()).toMatchObject({ how: 'committed' });
  });

  it('takes over from an owner that died, and asks under the key that it had asked under', async () => {
    const d = payDesk();
    const { pass, reached } = freezer('asking');
    void d.pay(
      async (outside) => {
        d.charge(outside);
        await pass('asking');
        return d.charge(outside);
      },
      { outsideKey: 'as derived by the version before' },
    );
    await reached;
    d.clock.nowMs += holdMs - 1;
    await expect(d.pay()).rejects.toThrow(InProgressError);
    d.clock.nowMs += 1;
    expect(await d.pay()).toMatchObject({ how: 'committed', answer: { charge: 'charge-1' } });
    expect(d.charges.size).toBe(1);
  });

  it.each(['unknown', 'lapsed'])(
    'is taken over by one of those who come together and find it %s',
    async (how) => {
      const d = payDesk();
      const { pass, reached } = freezer('asking');
      const first = d.pay(async () => {
        if (how === 'lapsed') await pass('asking');
        return timesOut();
      });
      await Promise.race([reached, first.catch(() => {})]);
      if (how === 'lapsed') d.clock.nowMs += holdMs;

      const { promise: allSaw, resolve: go } = Promise.withResolvers<void>();
      let toSee = 3;
      const together = async (step: string) => {
        if (step !== 'after write 1') return;
        if (--toSee === 0) go();
        await allSaw;
      };
      const takers = await Promise.allSettled(
        [1, 2, 3].map(() => d.pay(undefined, {}, gated(d.store, together))),
      );
      const refused = takers.flatMap((taker) => (taker.status === 'rejected' ? taker.reason : []));
      expect(refused).toEqual([expect.any(InProgressError), expect.any(InProgressError)]);
      expect([d.charges.get(outsideKey)?.asked, d.events()]).toEqual([1, 1]);
    },
  );

  it.each(['running', 'unknown'])(
    'asks under the same key after the record of a %s request has lapsed',
    async (status) => {
      const d = payDesk();
      await d
        .pay(async (outside) => {
          d.charge(outside);
          return timesOut();
        })
        .catch(() => {});
      await d.store.write({ set: { status }, at: recordAt });
      d.clock.nowMs += hourMs;
      expect(await d.pay()).toMatchObject({ how: 'committed', answer: { charge: 'charge-1' } });
      await d.store.write({ remove: true, at: recordAt });
      expect(await d.pay()).toMatchObject({ answer: { charge: 'charge-1' } });
      expect(d.charges.size).toBe(1);
    },
  );

  it.each([
    ['the answer to taking the lease is lost', on('write', 'lose-answer', (nth) => nth === 1)],
    ['taking the lease is lost', on('write', 'lose-request', (nth) => nth === 1)],
    ['the answer to the commit is lost', on('commit', 'lose-answer', (nth) => nth === 1)],
    ['the commit is lost', on('commit', 'lose-request', (nth) => nth === 1)],
    ['every answer to the commit is lost', on('commit', 'lose-answer')],
    ['the store is busy at first', on('commit', 'conflict', (nth) => nth < 3)],
  ])('has one effect when %s', async (_, faults) => {
    const d = payDesk({ faults });
    expect(await d.pay()).toMatchObject({ how: 'committed', answer: { paid: 30 } });
    expect([...d.charges.values()]).toMatchObject([{ asked: 1 }]);
    expect([d.events(), d.paid()]).toEqual([1, 30]);
    expect(await d.pay()).toMatchObject({ how: 'replayed', answer: { paid: 30 } });
  });

  it('takes over with an answer that is lost, and knows the lease for its own', async () => {
    const d = payDesk({ faults: on('write', 'lose-answer', (nth) => nth === 3 + 1) });
    await d.pay(timesOut).catch(() => {});
    expect(await d.pay()).toMatchObject({ how: 'committed' });
    expect(d.record()).toHaveProperty('answer');
  });

  it('asks nothing while the lease cannot be taken', async () => {
    const d = payDesk({ faults: on('write', 'lose-request') });
    await expect(d.pay()).rejects.toThrow('write was lost');
    expect(d.charges.size).toBe(0);
    expect(d.counts['write']).toBe(3);
  });

  it.each([
    ['no send of the commit is answered', on('commit', 'lose-request'), 1],
    ['others are in its way at every run', on('commit', 'conflict'), 4],
  ])(
    'stays "unknown" when %s, and the next attempt has the same charge',
    async (_, faults, commits) => {
      let failing = true;
      const d = payDesk({ faults: (call, nth) => (failing ? faults(call, nth) : undefined) });
      await expect(d.pay()).rejects.toThrow(OutcomeUnknownError);
      expect(d.record()).toMatchObject({ status: 'unknown' });
      expect(d.happened.filter((name) => name === 'conflicted')).toHaveLength(
        commits === 4 ? 4 : 0,
      );
      failing = false;
      expect(await d.pay()).toMatchObject({ how: 'committed', answer: { charge: 'charge-1' } });
      expect([d.charges.size, d.events()]).toEqual([1, 1]);
    },
  );

  it('finds its commit, although no answer to it came, before it calls it unknown', async () => {
    const d = payDesk({
      faults: (call, nth) =>
        on('commit', 'lose-answer')(call, nth) ??
        on('read', 'lose-request', (n) => n > 1)(call, nth),
    });
    expect(await d.pay()).toMatchObject({ how: 'replayed', answer: { paid: 30 } });
    expect(d.record()).toHaveProperty('answer');
  });

  it.each(['decide throws', 'the answer is above 32 KB'])(
    'is not freed when %s: the effect has happened',
    async (which) => {
      const d = payDesk();
      const outcome = d.unit().run(d.request(), {
        effect: async (outside) => d.charge(outside),
        async decide() {
          if (which === 'decide throws') throw new TypeError('a bug');
          return { answer: 'x'.repeat(33 * 1024), writes: [] };
        },
      });
      await expect(outcome).rejects.toThrow(OutcomeUnknownError);
      expect(d.record()).toMatchObject({ status: 'unknown', outsideKey });
      expect(await d.pay()).toMatchObject({ answer: { charge: 'charge-1' } });
    },
  );

  it('runs its decision again on fresh reads, and asks once', async () => {
    const d = payDesk();
    let interfered = false;
    const { effect, decide } = d.work();
    const outcome = await d.unit().run(d.request(), {
      effect,
      async decide(done, reader, making) {
        const decided = await decide(done, reader, making);
        if (!interfered) await d.store.write({ put: { paid: 5, version: 9 }, at: accountAt });
        interfered = true;
        return decided;
      },
    });
    expect(outcome).toMatchObject({ how: 'committed', answer: { paid: 35 } });
    expect([...d.charges.values()]).toMatchObject([{ asked: 1 }]);
  });

  it.each([
    { put: {}, at: recordAt },
    { put: { expiresAtMs: 9e12 }, at: recordAt },
    { put: { expiresAtMs: 9e12, status: 'running', owner: 'x' }, at: recordAt },
  ])('takes %j under its key for a fault, never for success', async (write) => {
    const d = payDesk();
    await d.store.write(write);
    for (const peek of [false, true])
      await expect(d.pay(undefined, { peek })).rejects.toThrow(RecordFaultError);
    expect(d.charges.size).toBe(0);
  });

  it('takes a record of a unit without a lease for the answer that it is', async () => {
    const d = payDesk();
    const record = { fingerprint: 'f', owner: 'o', answer: '"done"', expiresAtMs: 9e12 };
    await d.store.write({ put: record, at: recordAt });
    expect(await d.pay()).toEqual({ how: 'replayed', answer: 'done' });
  });

  it('begins nothing without the time to commit it', async () => {
    const d = payDesk();
    const outcome = d.pay(undefined, { deadline: deadline({ inMs: 400 }) });
    await expect(outcome).rejects.toThrow(DeadlineExceededError);
    expect(d.counts['write']).toBeUndefined();
  });

  it('holds no longer than its deadline, and leaves the commit its time', async () => {
    const d = payDesk();
    let left = 0;
    await d.pay(
      async (outside) => {
        left = outside.deadline.remainingMs();
        return d.charge(outside);
      },
      { holdMs: hourMs, deadline: deadline({ inMs: 5_000 }) },
    );
    expect(left).toBeGreaterThan(4_000);
    expect(left).toBeLessThanOrEqual(4_500);
  });

  it.each([
    { holdMs: 0 },
    { holdMs: Number.NaN },
    { holdMs: 500 },
    { retainMs: holdMs - 1 },
    { retainMs: Number.POSITIVE_INFINITY },
    { key: '' },
    { fingerprint: '' },
    { outsideKey: '' },
  ])('is not run for a request of %j', async (parts) => {
    await expect(payDesk().pay(undefined, parts)).rejects.toThrow(RangeError);
  });

  it.each([{ reserveMs: -1 }, { maxSends: 0 }, { maxRuns: 1.5 }])(
    'is not built with %j',
    (options) => {
      const d = payDesk();
      expect(() => d.unit(d.store, options)).toThrow(RangeError);
    },
  );
});

it('asks nothing where Powertools was told to do nothing', async () => {
  vi.stubEnv('POWERTOOLS_IDEMPOTENCY_DISABLED', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const d = payDesk();
  await expect(d.pay()).rejects.toThrow(RangeError);
  expect([d.charges.size, d.record()]).toEqual([0, undefined]);
});

it('throws what went wrong, and not what went wrong on giving the lease up', async () => {
  const run = runSteps({
    begin: async () => false,
    perform: timesOut,
    complete: async () => {},
    async release() {
      throw new Error('the store is down as well');
    },
  });
  await expect(run).rejects.toThrow('timed out');
});

const steps = [
  'before write 1',
  'after write 1',
  'asking',
  'asked',
  'before read 1',
  'after read 1',
  'before commit 1',
  'after commit 1',
];

describe.each(steps)('an owner that is frozen %s and wakes when its lease has lapsed', (step) => {
  async function frozen() {
    const d = payDesk();
    const { pass, reached, wake } = freezer(step);
    const late = d.pay(
      async (outside) => {
        await pass('asking');
        const effected = d.charge(outside);
        await pass('asked');
        return effected;
      },
      {},
      gated(d.store, pass),
    );
    await reached;
    d.clock.nowMs += holdMs + 1;
    return { d, late, wake };
  }

  it('gets the answer that another has committed meanwhile, and changes nothing', async () => {
    const { d, late, wake } = await frozen();
    const other = await d.pay();
    const record = d.record();
    wake();
    expect(await late).toMatchObject({ answer: 'answer' in other ? other.answer : undefined });
    expect(d.record()).toEqual(record);
    expect([d.charges.size, d.events(), d.paid()]).toEqual([1, 1, 30]);
  });

  it('is in nobody’s way who has taken over and is still at it', async () => {
    const { d, late, wake } = await frozen();
    const second = freezer('asking');
    const other = d.pay(async (outside) => {
      await second.pass('asking');
      return d.charge(outside);
    });
    // Whoever had committed before it froze leaves nothing to do.
    await Promise.race([second.reached, other]);
    const record = d.record();
    wake();
    await late.catch((error: unknown) => expect(error).toBeInstanceOf(InProgressError));
    expect(d.record()).toEqual(record);
    second.wake();
    await other;
    expect([d.charges.size, d.events(), d.paid()]).toEqual([1, 1, 30]);
  });
});

it('calls its effect unknown when its lease is gone: another took it over, and was refused', async () => {
  const d = payDesk();
  const { pass, reached, wake } = freezer('asked');
  const late = d.pay(async (outside) => {
    const effected = d.charge(outside);
    await pass('asked');
    return effected;
  });
  await reached;
  d.clock.nowMs += holdMs;
  expect(await d.pay(async () => ({ refused: 'no' }))).toMatchObject({ how: 'refused' });
  wake();
  await expect(late).rejects.toThrow(OutcomeUnknownError);
  expect(d.events()).toBe(0);
  expect(d.happened).not.toContain('conflicted');
  expect(await d.pay()).toMatchObject({ how: 'committed', answer: { charge: 'charge-1' } });
});

describe.each([
  ['refused', async () => ({ refused: 'no' })],
  ['thrown', timesOut],
] as const)('an owner that wakes late to an effect that has %s', (_, end) => {
  async function frozen() {
    const d = payDesk();
    const { pass, reached, wake } = freezer('asking');
    const late = d.pay(async () => {
      await pass('asking');
      return end();
    });
    await reached;
    d.clock.nowMs += holdMs + 1;
    return { d, late, wake };
  }

  it('neither deletes nor marks the lease of its successor', async () => {
    const { d, late, wake } = await frozen();
    const outcome = await d.pay(async (outside) => {
      const record = d.record();
      wake();
      await expect(late).rejects.toThrow(InProgressError);
      expect(d.record()).toEqual(record);
      return d.charge(outside);
    });
    expect(outcome).toMatchObject({ how: 'committed' });
  });

  it('answers what its successor has committed', async () => {
    const { d, late, wake } = await frozen();
    const { answer } = (await d.pay()) as { answer: unknown };
    const record = d.record();
    wake();
    expect(await late).toEqual({ how: 'replayed', answer });
    expect(d.record()).toEqual(record);
  });
});
