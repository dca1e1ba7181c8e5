/** Leased units of work that refuse by themselves: before their lease, or when they decide. */
import { describe, expect, it } from 'vitest';
import { InProgressError, KeyReusedError } from '#shared/idempotency/errors.ts';
import type { Fault, StoreCall } from '#shared/state/memory-store.ts';
import { accountAt, freezer, holdMs, hourMs, payDesk } from './pay-desk.ts';

const on =
  (verb: StoreCall['verb'], fault: Fault, which: (nth: number) => boolean = () => true) =>
  (call: StoreCall, nth: number): Fault | undefined =>
    call.verb === verb && which(nth) ? fault : undefined;

const timesOut = async (): Promise<never> => {
  throw new Error('timed out');
};

describe('a decision of a leased unit of work that refuses, where nothing happened outside', () => {
  const nothing = async () => ({ done: undefined });
  const refusing = async () => ({ refused: 'full' });
  const entering = async () => ({
    answer: 'in',
    writes: [{ put: { version: 1 }, at: accountAt, when: { absent: true as const } }],
  });

  it('frees the key and leaves no trace', async () => {
    const d = payDesk();
    const outcome = await d.unit().run(d.request(), { effect: nothing, decide: refusing });
    expect(outcome).toEqual({ how: 'refused', refusal: 'full' });
    expect([d.record(), d.store.items('domain')]).toEqual([undefined, []]);
    expect(d.happened).toEqual(['refused']);
    const next = await d.unit().run(d.request(), { effect: nothing, decide: entering });
    expect(next).toEqual({ how: 'committed', answer: 'in' });
  });

  it('is told which run it is, and may refuse when others were in its way too often', async () => {
    const d = payDesk({ faults: on('commit', 'conflict') });
    const runs: number[] = [];
    const outcome = await d.unit().run(d.request(), {
      effect: nothing,
      async decide(_, __, { run }) {
        runs.push(run);
        return run > 3 ? { refused: 'busy' } : entering();
      },
    });
    expect(outcome).toEqual({ how: 'refused', refusal: 'busy' });
    expect([runs, d.counts['commit'], d.record()]).toEqual([[1, 2, 3, 4], 3, undefined]);
  });

  it('refuses nothing after a commit that was sent and not answered', async () => {
    // The first send is lost on its way, and may arrive late; the second meets a conflict.
    const d = payDesk({
      faults: (call, nth) =>
        on('commit', 'lose-request', (n) => n === 1)(call, nth) ??
        on('commit', 'conflict')(call, nth),
    });
    const failure = await d
      .unit()
      .run(d.request(), {
        effect: nothing,
        decide: async (_, __, { run }) => (run > 1 ? refusing() : entering()),
      })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'OutcomeUnknownError', cause: { refusal: 'full' } });
    expect(d.record()).toMatchObject({ status: 'unknown' });
    const next = await d.unit().run(d.request(), { effect: nothing, decide: refusing });
    expect(next).toEqual({ how: 'refused', refusal: 'full' });
    expect(d.record()).toBeUndefined();
  });

  it('gives way to what another made of the request meanwhile', async () => {
    const d = payDesk();
    const { pass, reached, wake } = freezer('deciding');
    const late = d.unit().run(d.request(), {
      effect: nothing,
      async decide() {
        await pass('deciding');
        return refusing();
      },
    });
    await reached;
    d.clock.nowMs += holdMs;
    const work = { effect: nothing, decide: entering };
    expect(await d.unit().run(d.request(), work)).toMatchObject({ how: 'committed' });
    wake();
    expect(await late).toEqual({ how: 'replayed', answer: 'in' });
  });
});

describe('a refusal before the lease', () => {
  const full = async () => 'full';
  const work = (d: ReturnType<typeof payDesk>, refuseEarly: () => Promise<string | undefined>) => ({
    ...d.work(),
    refuseEarly,
  });

  it('costs no write, and asks nothing', async () => {
    const d = payDesk();
    const outcome = await d.unit().run(d.request(), work(d, full));
    expect(outcome).toEqual({ how: 'refused', refusal: 'full' });
    expect([d.counts, d.charges.size]).toEqual([{ read: 1 }, 0]);
    expect(d.happened).toEqual(['refused']);
  });

  it('is none for a request that was carried out before, or is under way, or may be', async () => {
    const d = payDesk();
    await d.pay(async (outside) => {
      await expect(d.unit().run(d.request(), work(d, full))).rejects.toThrow(InProgressError);
      return d.charge(outside);
    });
    const replayed = await d.unit().run(d.request(), work(d, full));
    expect(replayed).toMatchObject({ how: 'replayed', answer: { charge: 'charge-1' } });
    const reused = d.unit().run(d.request({ fingerprint: 'g' }), work(d, full));
    await expect(reused).rejects.toThrow(KeyReusedError);

    const unknown = payDesk();
    await unknown.pay(timesOut).catch(() => {});
    const outcome = await unknown.unit().run(unknown.request(), work(unknown, full));
    expect(outcome).toMatchObject({ how: 'committed' });
  });

  it('is one again when the record has lapsed', async () => {
    const d = payDesk();
    await d.pay();
    d.clock.nowMs += hourMs;
    const outcome = await d.unit().run(d.request(), work(d, full));
    expect(outcome).toEqual({ how: 'refused', refusal: 'full' });
  });

  it('is none when the record cannot be read', async () => {
    const d = payDesk({ faults: on('read', 'lose-request') });
    await expect(d.unit().run(d.request(), work(d, full))).rejects.toThrow('read was lost');
  });

  it('lets pass what it has nothing against', async () => {
    const d = payDesk();
    const outcome = await d.unit().run(
      d.request(),
      work(d, async () => undefined),
    );
    expect(outcome).toMatchObject({ how: 'committed' });
  });
});
