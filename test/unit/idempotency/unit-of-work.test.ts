import { describe, expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import {
  ContentionError,
  KeyReusedError,
  OutcomeUnknownError,
} from '#shared/idempotency/errors.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { Address } from '#shared/state/items.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';

const account = (id: string): Address => ({ table: 'domain', key: { pk: id } });
const hourMs = 3_600_000;

/** A bank of one account, whose use case withdraws from it, on a clock and with faults of the test. */
function bank({
  balance = 100,
  faults = () => undefined,
}: {
  balance?: number;
  faults?: (call: StoreCall, nth: number) => Fault | undefined;
} = {}) {
  const clock = { nowMs: 1_000_000 };
  const counts: Record<string, number> = {};
  const store = memoryStore({
    now: () => clock.nowMs,
    faults: (call) => {
      counts[call.verb] = (counts[call.verb] ?? 0) + 1;
      return faults(call, counts[call.verb] ?? 0);
    },
  });
  const events: ResilienceEvent[] = [];
  let id = 0;
  const unit = unitOfWork({
    store,
    recordsTable: 'state',
    now: () => clock.nowMs,
    newId: () => `owner-${++id}`,
    random: () => 0,
    sleep: async () => {},
    listen: (event) => events.push(event),
  });
  const runs: number[] = [];
  const withdraw =
    (amount: number) =>
    async ({ read }: { read: typeof store.read }): Promise<Decision<{ left: number }, string>> => {
      runs.push(amount);
      const item = await read(account('a'));
      const left = Number(item?.['balance']) - amount;
      if (left < 0) return { refused: 'insufficient funds' };
      return {
        answer: { left },
        writes: [
          { set: { balance: left }, add: { version: 1 }, at: account('a') },
          { put: { amount }, at: account(`event-${++id}`), when: { absent: true } },
        ],
      };
    };
  const request = (key: string, fingerprint = key, inMs = 60_000) => ({
    key,
    fingerprint,
    retainMs: hourMs,
    deadline: deadline({ inMs }),
    subject: 'withdraw',
  });
  return {
    clock,
    store,
    events,
    runs,
    counts,
    unit,
    request,
    withdraw,
    open: () => store.write({ put: { balance, version: 1 }, at: account('a') }),
    balance: async () => (await store.read(account('a')))?.['balance'],
    commits: () => store.items('domain').filter(({ amount }) => amount !== undefined).length,
  };
}

describe('a unit of work', () => {
  it('writes entity, event and record in one transaction', async () => {
    const sent: StoreCall[] = [];
    const b = bank({ faults: (call) => void sent.push(call) });
    await b.open();
    const outcome = await b.unit.run(b.request('k'), b.withdraw(30));

    expect(outcome).toEqual({ how: 'committed', answer: { left: 70 } });
    const commits = sent.filter(({ verb }) => verb === 'commit');
    expect(commits).toHaveLength(1);
    expect(commits[0]?.transaction?.writes.map(({ at }) => at.table)).toEqual([
      'state',
      'domain',
      'domain',
    ]);
  });

  it('answers a repeated request with its first answer, however the account stands now', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(30));
    await b.unit.run(b.request('other'), b.withdraw(5));

    expect(await b.unit.run(b.request('k'), b.withdraw(30))).toEqual({
      how: 'replayed',
      answer: { left: 70 },
    });
    expect(await b.balance()).toBe(65);
  });

  it('replays an all-the-money withdrawal instead of answering "insufficient funds"', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(100));
    expect(await b.unit.run(b.request('k'), b.withdraw(100))).toEqual({
      how: 'replayed',
      answer: { left: 0 },
    });
  });

  it('replays what was committed when the use case throws the second time', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(100));
    const outcome = await b.unit.run(b.request('k'), async () => {
      throw new Error('a dependency is down');
    });
    expect(outcome.how).toBe('replayed');
  });

  it('refuses without a trace, so that the same key may succeed later', async () => {
    const b = bank({ balance: 10 });
    await b.open();
    expect(await b.unit.run(b.request('k'), b.withdraw(30))).toEqual({
      how: 'refused',
      refusal: 'insufficient funds',
    });
    expect(b.store.items('state')).toEqual([]);
    await b.store.write({ set: { balance: 50 }, add: { version: 1 }, at: account('a') });
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('committed');
  });

  it('rejects another payload under a used key, whether it would succeed or be refused', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k', 'first'), b.withdraw(30));
    for (const amount of [1, 1_000])
      await expect(b.unit.run(b.request('k', 'second'), b.withdraw(amount))).rejects.toThrow(
        KeyReusedError,
      );
    expect(await b.balance()).toBe(70);
  });

  it('takes a key again when its record has lapsed, though the store still holds it', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(30));
    b.clock.nowMs += hourMs - 1;
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('replayed');
    b.clock.nowMs += 1;
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('committed');
  });

  it.each([false, true])('trusts no lapsed record for a replay (peek: %s)', async (peek) => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(100));
    b.clock.nowMs += hourMs;
    expect(await b.unit.run({ ...b.request('k'), peek }, b.withdraw(100))).toEqual({
      how: 'refused',
      refusal: 'insufficient funds',
    });
  });

  it('commits once when the same request comes twenty times at once', async () => {
    const b = bank();
    await b.open();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => b.unit.run(b.request('k'), b.withdraw(30))),
    );
    expect(outcomes.filter(({ how }) => how === 'committed')).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toHaveLength(2);
    expect([await b.balance(), b.commits()]).toEqual([70, 1]);
  });

  it('runs the use case again on fresh reads when another request changed what it read', async () => {
    const b = bank();
    await b.open();
    const outcomes = await Promise.all(
      ['k1', 'k2', 'k3'].map((key) => b.unit.run(b.request(key), b.withdraw(30))),
    );
    expect(outcomes.every(({ how }) => how === 'committed')).toBe(true);
    expect(await b.balance()).toBe(10);
    expect(b.runs.length).toBeGreaterThan(3);
  });

  it('conditions the commit on items that were only read, so that no write skew is possible', async () => {
    const b = bank();
    await b.open();
    let first = true;
    const outcome = await b.unit.run(b.request('k'), async ({ read }) => {
      const item = await read(account('a'));
      if (first)
        await b.store.write({ add: { version: 1 }, set: { balance: 0 }, at: account('a') });
      first = false;
      if (item?.['balance'] === 0) return { refused: 'empty' };
      return { answer: 'granted', writes: [{ put: {}, at: account('elsewhere') }] };
    });
    expect(outcome).toEqual({ how: 'refused', refusal: 'empty' });
  });

  it('takes two reads of one item at once for one, so that no other is decided on than conditioned', async () => {
    const b = bank();
    await b.open();
    let reads = 0;
    const store = {
      ...b.store,
      async read(at: Address) {
        const item = await b.store.read(at);
        // Another withdraws everything between the two.
        if (at.table === 'domain' && ++reads === 1)
          await b.store.write({ set: { balance: 0 }, add: { version: 1 }, at: account('a') });
        return item;
      },
    };
    const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
    const outcome = await unit.run(b.request('k'), async ({ read }) => {
      const [item] = await Promise.all([read(account('a')), read(account('a'))]);
      if (item?.['balance'] === 0) return { refused: 'empty' };
      return {
        answer: 'withdrawn',
        writes: [{ set: { balance: 0 }, add: { version: 1 }, at: account('a') }],
      };
    });
    expect(outcome).toEqual({ how: 'refused', refusal: 'empty' });
  });

  it('recognises its own write when the acknowledgement is lost', async () => {
    const b = bank({
      faults: ({ verb }, nth) => (verb === 'commit' && nth === 1 ? 'lose-answer' : undefined),
    });
    await b.open();
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('committed');
    expect([await b.balance(), b.commits()]).toEqual([70, 1]);
  });

  it('sends the identical transaction again when a request is lost', async () => {
    const sent: string[] = [];
    const b = bank({
      faults: ({ verb, transaction }, nth) => {
        if (verb === 'commit') sent.push(JSON.stringify(transaction));
        return verb === 'commit' && nth === 1 ? 'lose-request' : undefined;
      },
    });
    await b.open();
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('committed');
    expect(new Set(sent).size).toBe(1);
  });

  it('finds its write by the record when every acknowledgement is lost', async () => {
    const b = bank({ faults: ({ verb }) => (verb === 'commit' ? 'lose-answer' : undefined) });
    await b.open();
    expect((await b.unit.run(b.request('k'), b.withdraw(30))).how).toBe('committed');
    expect(await b.balance()).toBe(70);
  });

  it('says "unknown", never "refused", when no send was answered and no record is there yet', async () => {
    const b = bank({ faults: ({ verb }) => (verb === 'commit' ? 'lose-request' : undefined) });
    await b.open();
    await expect(b.unit.run(b.request('k'), b.withdraw(30))).rejects.toThrow(OutcomeUnknownError);
    expect(b.events.at(-1)).toMatchObject({ happened: 'unknown', severity: 'warning' });
    expect(b.runs).toHaveLength(1);
  });

  it('stays "unknown" after a lost send, even if the use case would now refuse', async () => {
    const b = bank({
      faults: ({ verb }, nth) =>
        verb !== 'commit' ? undefined : nth === 1 ? 'lose-request' : 'conflict',
    });
    await b.open();
    let runs = 0;
    const useCase = b.withdraw(30);
    const outcome = b.unit.run(b.request('k'), (reader) =>
      ++runs === 1 ? useCase(reader) : Promise.resolve({ refused: 'now impossible' }),
    );
    await expect(outcome).rejects.toThrow(OutcomeUnknownError);
  });

  it('gives up after four runs in a row that met a conflict, and wrote nothing', async () => {
    const b = bank({ faults: ({ verb }) => (verb === 'commit' ? 'conflict' : undefined) });
    await b.open();
    await expect(b.unit.run(b.request('k'), b.withdraw(30))).rejects.toThrow(ContentionError);
    expect(b.runs).toHaveLength(4);
    expect(b.store.items('state')).toEqual([]);
  });

  it('refuses nothing while the record cannot be read: the refusal is the cause of a fault', async () => {
    const b = bank({
      balance: 1,
      faults: ({ verb, at }) =>
        verb === 'read' && at?.table === 'state' ? 'lose-request' : undefined,
    });
    await b.open();
    const failure = await b.unit.run(b.request('k'), b.withdraw(30)).catch((error) => error);
    expect(failure).toBeInstanceOf(OutcomeUnknownError);
    expect(failure.cause).toMatchObject({ refusal: 'insufficient funds' });
  });

  it('starts no commit without the time to finish it', async () => {
    const b = bank();
    await b.open();
    await expect(b.unit.run(b.request('k', 'k', 400), b.withdraw(30))).rejects.toThrow(
      'too few to commit',
    );
    expect(b.counts['commit']).toBeUndefined();
  });

  it('answers from a peek without running the use case', async () => {
    const b = bank();
    await b.open();
    await b.unit.run(b.request('k'), b.withdraw(30));
    const before = b.runs.length;
    const again = await b.unit.run({ ...b.request('k'), peek: true }, b.withdraw(30));
    expect(again.how).toBe('replayed');
    expect(b.runs).toHaveLength(before);
  });

  it('refuses an answer above 32 KB before anything is written', async () => {
    const b = bank();
    const outcome = b.unit.run(b.request('k'), async () => ({
      answer: 'x'.repeat(32_767),
      writes: [],
    }));
    await expect(outcome).rejects.toThrow('at most 32768 bytes');
    expect(b.store.items('state')).toEqual([]);
  });

  it.each([
    ['maxRuns', 0],
    ['maxSends', 1.5],
    ['reserveMs', Number.NaN],
    ['baseDelayMs', -1],
  ])('is not built with %s = %s', (name, value) => {
    expect(() =>
      unitOfWork({ store: memoryStore(), recordsTable: 'state', [name]: value }),
    ).toThrow(new RegExp(`^${name} must be`));
  });

  it('does not run where Powertools is told to switch idempotency off', async () => {
    const b = bank();
    await b.open();
    process.env['POWERTOOLS_IDEMPOTENCY_DISABLED'] = 'true';
    try {
      await expect(b.unit.run(b.request('k'), b.withdraw(30))).rejects.toThrow(RangeError);
    } finally {
      delete process.env['POWERTOOLS_IDEMPOTENCY_DISABLED'];
    }
    expect(await b.balance()).toBe(100);
  });
});
