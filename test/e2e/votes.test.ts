/** A hundred users who vote, change and withdraw at once: every tally is a vote, at every moment. */
import { describe, expect, it } from 'vitest';
import { auditAddress, lastEventAddress, pollAddress } from '#functions/domain/keys.ts';
import { type Poll, readVote, voteAggregate } from '#functions/domain/poll.ts';
import { dayOf } from '#functions/domain/reward.ts';
import type { PollView } from '#functions/get-poll/get-poll.ts';
import { logsOf } from '#ops/log-reader.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { pooled } from './support/hammer/pool.ts';
import { persistently } from './support/persistent.ts';
import { parkedLettersOf, sendTo } from './support/queues.ts';
import { stage } from './support/stage.ts';

const tenant = 'load';
const voters = 100;
/** The rest of the 24 reads. */
const votesInFlight = 20;
const options = ['tea', 'coffee', 'water'];

async function openPoll(fields: Partial<Poll> = {}): Promise<string> {
  const id = crypto.randomUUID();
  const poll: Poll = {
    version: 1,
    id,
    question: 'What is it to be?',
    options: options.map((option) => ({ id: option, label: option })),
    closesAt: '2099-12-31T00:00:00.000Z',
    tallyPartitions: 1,
    ...fields,
  };
  await store.write({ put: poll, at: pollAddress(tenant, id) });
  return id;
}

async function votesIn(pollId: string) {
  const items = await everyItemOf('domain');
  return items
    .filter((item) => item['pollId'] === pollId && item['sk'] === 'vote')
    .flatMap((item) => readVote(item) ?? []);
}

const countOf = (chosen: readonly (string | null)[]) =>
  Object.fromEntries(options.map((id) => [id, chosen.filter((option) => option === id).length]));

const talliesOf = (poll: PollView) =>
  Object.fromEntries(poll.options.map(({ id, votes }) => [id, votes]));

const read = (send: Send, pollId: string) =>
  persistently<PollView>(send, 'GET', `/polls/${pollId}`).then(({ body }) => body);

/** What each user wants, one after the other; null withdraws. The last one is to stand. */
const wishesOf = (nth: number): readonly (string | null)[] => {
  const [first = 'tea', second = 'coffee'] = [options[nth % 3], options[(nth + 1) % 3]];
  return [[first], [first, second], [first, null], [first, null, second], [first, first]][
    nth % 5
  ] as (string | null)[];
};

describe('a poll', () => {
  it('in a storm of votes, changes and withdrawals counts each vote once, at every read', {
    timeout: 180_000,
  }, async () => {
    const pollId = await openPoll();
    const path = `/polls/${pollId}/vote`;
    const senders = await Promise.all(
      Array.from({ length: voters }, (_, nth) => callerAs({ tenant, user: `voter-${nth}` })),
    );
    const wish = (send: Send, option: string | null, key: string) =>
      option === null
        ? persistently(send, 'DELETE', path, { key })
        : persistently(send, 'PUT', path, { body: { option }, key });

    let storming = true;
    const watch = async () => {
      const send = await callerAs({ tenant, user: 'watcher' });
      const sums: number[] = [];
      while (storming) {
        const poll = await read(send, pollId);
        sums.push(poll.votes);
        expect(poll.votes).toBeLessThanOrEqual(voters);
        expect(Object.values(talliesOf(poll)).every((votes) => votes >= 0)).toBe(true);
      }
      return sums;
    };
    const storm = pooled(
      senders.map((send, nth) => async () => {
        for (const option of wishesOf(nth)) {
          const key = crypto.randomUUID();
          // Every third is sent twice at once, and all of them must be one.
          const copies = nth % 3 ? 1 : 2;
          const answers = await Promise.all(
            Array.from({ length: copies }, () => wish(send, option, key)),
          );
          for (const answer of answers) {
            expect(answer).toMatchObject({ status: 200, body: { option } });
            expect(answer.body).toEqual(answers[0]?.body);
          }
        }
      }),
      votesInFlight / 2,
    ).finally(() => {
      storming = false;
    });
    const [sums] = await Promise.all([watch(), storm]);
    expect(sums.length).toBeGreaterThan(5);

    const wanted = senders.map((_, nth) => wishesOf(nth).at(-1) ?? null);
    const votes = await votesIn(pollId);
    expect(votes).toHaveLength(voters);
    expect(countOf(votes.map(({ option }) => option))).toEqual(countOf(wanted));
    const [first] = senders;
    const poll = await read(first as Send, pollId);
    expect(talliesOf(poll)).toEqual(countOf(wanted));
    expect(poll.myVote.option).toBe(wanted[0]);
  });

  it('takes no vote after its end', async () => {
    const pollId = await openPoll({ closesAt: new Date(Date.now() - 1).toISOString() });
    const send = await callerAs({ tenant });
    const answer = await send('PUT', `/polls/${pollId}/vote`, { body: { option: 'tea' } });
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/poll-closed' } });
    expect((await read(send, pollId)).votes).toBe(0);
  });
});

describe('the audit', () => {
  it('has one entry of a vote, although its message comes twice, and knows the last of them', async () => {
    const beganMs = Date.now();
    const pollId = await openPoll();
    const send = await callerAs({ tenant });
    for (const option of ['tea', 'coffee'])
      await send('PUT', `/polls/${pollId}/vote`, { body: { option } });
    const aggregate = voteAggregate(pollId, 'u1');
    const events = (await everyItemOf('outbox')).filter((item) => item['aggregate'] === aggregate);
    expect(events).toHaveLength(2);

    const last = lastEventAddress(tenant, aggregate);
    await eventually(async () => {
      expect(await store.read(last)).toMatchObject({ lastSeq: 2, lastType: 'vote.cast' });
    });
    const told = events.map((item) => ({
      id: String(item['sk']),
      type: item['type'],
      tenant,
      aggregate,
      seq: item['seq'],
      occurredAtMs: item['occurredAtMs'],
      traceparent: item['traceparent'],
      correlationId: item['correlationId'],
      data: item['data'],
    }));
    for (const event of told) await sendTo('audit:record', JSON.stringify(event));
    const { logs, groups } = logsOf(stage);
    const group = groups['audit-record'] ?? '';
    await eventually(async () => {
      for (const { id } of told) {
        const lines = await logs.read({ group, sinceMs: beganMs, containing: id });
        const ends = lines.filter(({ text }) => /message (done|stale|duplicate)/.test(text));
        expect(ends).toHaveLength(2);
        expect(ends.filter(({ text }) => text.includes('message duplicate'))).toHaveLength(1);
      }
    });

    const entries = (await everyItemOf('domain')).filter(
      (item) => item['aggregate'] === aggregate && String(item['pk']).includes('audit'),
    );
    expect(entries.map(({ seq }) => seq).toSorted()).toEqual([1, 2]);
    for (const { id, occurredAtMs } of told)
      expect(await store.read(auditAddress(tenant, dayOf(Number(occurredAtMs)), id))).toMatchObject(
        { data: { pollId, userId: 'u1' } },
      );
    const letters = await parkedLettersOf('audit:record');
    expect(letters.filter(({ body }) => body?.includes(pollId))).toEqual([]);
  });
});
