import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeVoteOf } from '#functions/change-vote.ts';
import { pollAddress, voteAddress } from '#functions/domain/keys.ts';
import {
  changeVote,
  type Poll,
  readVote,
  settleMs,
  stateOf,
  type Vote,
} from '#functions/domain/poll.ts';
import { moved, shardsPerPartition, tallyWrite, votesFor } from '#functions/domain/tally.ts';
import { viewPoll } from '#functions/get-poll/get-poll.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { addressText } from '#shared/state/items.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

const tenant = 'acme';
const nowMs = Date.UTC(2026, 0, 1, 12);
const closesAtMs = nowMs + 60_000;

const poll: Poll = {
  version: 1,
  id: '0197a000-0000-7000-8000-00000000c001',
  question: 'Tea?',
  options: ['tea', 'coffee', 'pk', 'version'].map((id) => ({ id, label: id })),
  closesAt: new Date(closesAtMs).toISOString(),
  tallyPartitions: 1,
};

const vote = (option: string | null, version = 1): Vote => ({
  version,
  pollId: poll.id,
  userId: 'u1',
  option,
  changedAt: new Date(nowMs).toISOString(),
});

function ballot({
  partitions = 1,
  faults = () => undefined,
}: {
  readonly partitions?: number;
  readonly faults?: (call: StoreCall) => Fault | undefined | Promise<Fault | undefined>;
} = {}) {
  const clock = { nowMs };
  const commits: StoreCall[] = [];
  const store = memoryStore({
    faults(call) {
      if (call.verb === 'commit') commits.push(call);
      return faults(call);
    },
  });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  const held = { ...poll, tallyPartitions: partitions };

  return {
    clock,
    store,
    commits,
    open: () => store.write({ put: held, at: pollAddress(tenant, poll.id) }),
    change: (user: string, option: string | null, key: string = crypto.randomUUID()) =>
      unit.run(
        {
          key: unitKey(tenant, user, 'vote', key),
          fingerprint: String(option),
          retainMs: 60_000,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'cast-vote',
        },
        (reader) =>
          changeVoteOf(
            {
              caller: { tenant, user, role: 'user' },
              trace: newTrace(),
              requestId: 'request-1',
            },
            { pollId: poll.id, option },
            reader,
            () => clock.nowMs,
          ),
      ),
    view: (user = 'u1') => viewPoll(store, { tenant, user }, poll.id, () => clock.nowMs),
    votesOf: () =>
      store
        .items('domain')
        .filter(({ sk }) => sk === 'vote')
        .map((item) => readVote(item)?.option)
        .filter((option) => typeof option === 'string'),
    /** What the counters hold at this very moment, of options that hold anything. */
    tallies() {
      const counters = store.items('domain').filter(({ pk }) => /#tally#/.test(String(pk)));
      const counts = poll.options.map(({ id }) => [id, votesFor(id, counters)] as const);
      return Object.fromEntries(counts.filter(([, votes]) => votes > 0));
    },
    events: () =>
      store
        .items('outbox')
        .map(({ type, aggregate, seq, data }) => ({ type, aggregate, seq, data })),
  };
}

const countOf = (options: readonly string[]) =>
  Object.fromEntries(
    [...Map.groupBy(options, (option) => option)].map(([option, of]) => [option, of.length]),
  );

describe('a change of a vote', () => {
  const by = { userId: 'u1', nowMs };

  it.each([
    ['a first vote', undefined, 'tea', 1, null],
    ['another option', vote('tea', 3), 'coffee', 4, 'tea'],
    ['a withdrawal', vote('tea', 3), null, 4, 'tea'],
    ['a vote after a withdrawal', vote(null, 4), 'tea', 5, null],
  ])('is %s', (_, before, to, version, from) => {
    expect(changeVote(poll, before, to, by)).toEqual({
      from,
      vote: { ...vote(to, version), changedAt: new Date(nowMs).toISOString() },
    });
  });

  it.each([
    ['the same option again', vote('tea', 3), 'tea'],
    ['a withdrawal of no vote', undefined, null],
    ['a second withdrawal', vote(null, 2), null],
  ])('is none: %s', (_, before, to) => {
    expect(changeVote(poll, before, to, by)).toEqual({ same: before });
  });

  it('is refused for an option that the poll does not have, also one named like a member of objects', () => {
    for (const option of ['milk', 'Tea', '__proto__', 'constructor', 'toString'])
      expect(changeVote(poll, undefined, option, by)).toEqual({ refused: 'option-unknown' });
  });

  it.each([
    [closesAtMs - 1, 'open'],
    [closesAtMs, 'counting'],
    [closesAtMs + settleMs - 1, 'counting'],
    [closesAtMs + settleMs, 'closed'],
  ])('at %i meets a poll that is %s', (at, state) => {
    expect(stateOf(poll, at)).toBe(state);
    for (const [before, to] of [
      [undefined, 'tea'],
      [vote('tea'), null],
      [undefined, null],
      [undefined, 'milk'],
    ] as const)
      expect('refused' in changeVote(poll, before, to, { ...by, nowMs: at })).toBe(
        state !== 'open' || to === 'milk',
      );
  });
});

describe('the counters', () => {
  it('after any changes of one user hold the vote that stands, and never less than nothing', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom('tea', 'coffee', 'pk', null)), (wishes) => {
        let standing: Vote | undefined;
        const held: Record<string, number> = {};
        for (const wish of wishes) {
          const change = changeVote(poll, standing, wish, { userId: 'u1', nowMs });
          if (!('vote' in change)) continue;
          expect(change.vote.version).toBe((standing?.version ?? 0) + 1);
          for (const [name, by] of Object.entries(moved(change.from, change.vote.option)))
            held[name] = (held[name] ?? 0) + by;
          standing = change.vote;
          const counted = poll.options.map(({ id }) => votesFor(id, [held]));
          expect(counted).toEqual(poll.options.map(({ id }) => (id === standing?.option ? 1 : 0)));
        }
      }),
    ));

  it('of all votes of a user are one item, and those of a crowd are spread over all', () => {
    const held = { id: poll.id, tallyPartitions: 4 };
    const itemOf = (user: string) => addressText(tallyWrite(tenant, held, user, {}).at);
    const users = Array.from({ length: 6_400 }, (_, n) => `user-${n}`);
    expect(itemOf('u1')).toBe(itemOf('u1'));
    const crowds = [...Map.groupBy(users, itemOf).values()].map(({ length }) => length);
    expect(crowds).toHaveLength(4 * shardsPerPartition);
    expect(Math.max(...crowds)).toBeLessThan(200);
  });

  it.each([-1, 0.5, 'three'])('that hold %s are a fault, not a tally', (held) => {
    expect(() => votesFor('tea', [{ 'for:tea': held }])).toThrow(TypeError);
  });
});

describe('voting', () => {
  it('writes the vote, its counter and its event in one transaction, and no item of the poll itself', async () => {
    const { open, change, commits, events, view } = ballot();
    await open();
    expect(await change('u1', 'tea')).toEqual({
      how: 'committed',
      answer: { pollId: poll.id, option: 'tea', version: 1 },
    });
    expect(commits).toHaveLength(1);
    const written = commits[0]?.transaction?.writes.map(({ at }) => addressText(at)) ?? [];
    expect(written).not.toContain(addressText(pollAddress(tenant, poll.id)));
    expect(written).toHaveLength(4);
    expect(await view()).toMatchObject({ votes: 1, state: 'open', myVote: { option: 'tea' } });
    expect(events()).toEqual([
      {
        type: 'vote.cast',
        aggregate: `vote/${poll.id}/u1`,
        seq: 1,
        data: { pollId: poll.id, userId: 'u1' },
      },
    ]);
  });

  it('changes and withdraws: one vote a user, its version never begins anew', async () => {
    const { open, change, events, tallies, votesOf, store } = ballot();
    await open();
    for (const option of ['tea', 'coffee', null, 'tea', null] as const) {
      await change('u1', option);
      expect(tallies()).toEqual(countOf(votesOf()));
    }
    expect(tallies()).toEqual({});
    expect(await store.read(voteAddress(tenant, poll.id, 'u1'))).toMatchObject({
      version: 5,
      option: null,
    });
    expect(events().map(({ type, seq }) => `${type} ${seq}`)).toEqual([
      'vote.cast 1',
      'vote.cast 2',
      'vote.withdrawn 3',
      'vote.cast 4',
      'vote.withdrawn 5',
    ]);
  });

  it('tells nobody what somebody voted for', async () => {
    const { open, change, store } = ballot();
    await open();
    await change('u1', 'coffee');
    expect(JSON.stringify(store.items('outbox'))).not.toContain('coffee');
  });

  it('for the same option again, under another key, counts once and tells nobody', async () => {
    const { open, change, events, tallies } = ballot();
    await open();
    await change('u1', 'tea');
    expect(await change('u1', 'tea')).toMatchObject({ answer: { option: 'tea', version: 1 } });
    expect([tallies(), events().length]).toEqual([{ tea: 1 }, 1]);
  });

  it('withdrawn without a vote answers that there is none', async () => {
    const { open, change, events } = ballot();
    await open();
    expect(await change('u1', null)).toMatchObject({
      how: 'committed',
      answer: { option: null, version: 0 },
    });
    expect(events()).toEqual([]);
  });

  it('under one key counts once, however late the duplicate, also after the end', async () => {
    const { open, change, tallies, clock } = ballot();
    await open();
    await change('u1', 'tea', 'k');
    await change('u1', 'coffee');
    clock.nowMs = closesAtMs;
    expect(await change('u1', 'tea', 'k')).toMatchObject({
      how: 'replayed',
      answer: { option: 'tea', version: 1 },
    });
    expect(tallies()).toEqual({ coffee: 1 });
  });

  it('is refused where there is no such poll, and after its end', async () => {
    const { open, change, clock, tallies } = ballot();
    expect(await change('u1', 'tea')).toMatchObject({ refusal: { slug: 'not-found' } });
    await open();
    clock.nowMs = closesAtMs;
    expect(await change('u1', 'tea')).toMatchObject({
      how: 'refused',
      refusal: { slug: 'poll-closed', options: { extensions: { closesAt: poll.closesAt } } },
    });
    expect(tallies()).toEqual({});
  });

  it('of one user, many times at once under many keys, leaves one vote and one count', async () => {
    const { open, change, tallies, votesOf } = ballot();
    await open();
    const wishes = Array.from({ length: 12 }, (_, n) => (n % 2 ? 'tea' : 'coffee'));
    await Promise.allSettled(wishes.map((option) => change('u1', option)));
    expect(votesOf()).toHaveLength(1);
    expect(tallies()).toEqual(countOf(votesOf()));
  });

  it.each([1, 3])(
    'by a crowd, with conflicts and lost answers, keeps tallies and votes equal at every read (%i partitions)',
    async (partitions) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              user: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
              option: fc.constantFrom('tea', 'coffee', 'version', null),
            }),
            { maxLength: 30 },
          ),
          fc.infiniteStream(
            fc.constantFrom<Fault | undefined>(
              ...([undefined, undefined, 'conflict', 'lose-answer', 'lose-request'] as const),
            ),
          ),
          async (wishes, faults) => {
            const { open, change, tallies, votesOf, view } = ballot({
              partitions,
              faults: ({ verb }) => (verb === 'commit' ? faults.next().value : undefined),
            });
            await open();
            const voters = new Set(wishes.map(({ user }) => user)).size;
            await Promise.all(
              wishes.map(async ({ user, option }) => {
                await change(user, option).catch(() => {});
                expect((await view())?.votes).toBeLessThanOrEqual(voters);
                expect(tallies()).toEqual(countOf(votesOf()));
              }),
            );
            const seen = (await view())?.options.filter(({ votes }) => votes > 0) ?? [];
            expect(Object.fromEntries(seen.map(({ id, votes }) => [id, votes]))).toEqual(tallies());
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});
