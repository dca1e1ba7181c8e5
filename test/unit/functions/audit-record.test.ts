import { describe, expect, it } from 'vitest';
import { recordAudit } from '#functions/audit-record/audit-record.ts';
import { readConsumedEvent } from '#functions/consumed-event.ts';
import type { Done } from '#functions/consumer.ts';
import { auditAddress, lastEventAddress } from '#functions/domain/keys.ts';
import { voteAggregate } from '#functions/domain/poll.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';

const tenant = 'acme';
const startMs = Date.UTC(2026, 0, 1, 23, 59, 59, 990);
const aggregate = voteAggregate('p1', 'u1');

type Audited = ReturnType<typeof voteEvent>;

const voteEvent = (seq: number) => {
  const occurredAtMs = startMs + seq;
  const told = {
    id: uuidV7({ now: () => occurredAtMs }),
    type: seq % 2 ? 'vote.cast' : 'vote.withdrawn',
    tenant,
    aggregate,
    seq,
    occurredAtMs,
    traceparent: '',
    correlationId: `request-${seq}`,
    data: { pollId: 'p1', userId: 'u1' },
  };
  const body = JSON.stringify(told);
  return readConsumedEvent({ body }, ['vote.cast', 'vote.withdrawn'], occurredAtMs);
};

function auditor(faults: (call: StoreCall) => Fault | undefined = () => undefined) {
  const store = memoryStore({ faults });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  return {
    store,
    async receive(event: Audited): Promise<Done['outcome'] | 'duplicate'> {
      const outcome = await unit.run<Done, never>(
        {
          key: unitKey('inbox', 'audit:record', event.id),
          fingerprint: event.id,
          retainMs: 60_000,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'audit:record',
        },
        (reader) => recordAudit(event, reader),
      );
      if (outcome.how === 'refused') throw new Error('a consumer refuses nothing');
      return outcome.how === 'replayed' ? 'duplicate' : outcome.answer.outcome;
    },
    entries: () => store.items('domain').filter(({ pk }) => String(pk).includes('#audit#')),
    last: () => store.read(lastEventAddress(tenant, aggregate)),
  };
}

function* permutations<T>(of: readonly T[]): Generator<readonly T[]> {
  if (of.length === 0) yield [];
  for (const [i, first] of of.entries())
    for (const rest of permutations(of.toSpliced(i, 1))) yield [first, ...rest];
}

describe('the audit worker', () => {
  it('keeps who did what and when, under the UTC day on which it happened', async () => {
    const { store, receive } = auditor();
    const [late, next] = [voteEvent(1), voteEvent(11)];
    await receive(late);
    await receive(next);
    expect(await store.read(auditAddress(tenant, '2026-01-01', late.id))).toEqual({
      ...auditAddress(tenant, '2026-01-01', late.id).key,
      version: 1,
      type: 'vote.cast',
      aggregate,
      seq: 1,
      occurredAtMs: startMs + 1,
      correlationId: 'request-1',
      data: { pollId: 'p1', userId: 'u1' },
    });
    expect(await store.read(auditAddress(tenant, '2026-01-02', next.id))).toBeDefined();
  });

  it('has one entry of an event, however often its message comes', async () => {
    const { receive, entries } = auditor();
    const event = voteEvent(1);
    expect(await receive(event)).toBe('done');
    expect(await Promise.all([receive(event), receive(event)])).toEqual(['duplicate', 'duplicate']);
    expect(entries()).toHaveLength(1);
  });

  it('never lets an older event overwrite a newer one, in any of the 120 orders of five', async () => {
    const events = [1, 2, 3, 4, 5].map(voteEvent);
    for (const order of permutations(events)) {
      const { receive, entries, last } = auditor();
      let highest = 0;
      for (const event of order) {
        expect(await receive(event)).toBe(event.seq > highest ? 'done' : 'stale');
        highest = Math.max(highest, event.seq);
        expect(await last()).toMatchObject({ lastSeq: highest });
      }
      expect(entries()).toHaveLength(events.length);
      expect(await last()).toEqual({
        ...lastEventAddress(tenant, aggregate).key,
        aggregate,
        lastSeq: 5,
        lastType: 'vote.cast',
        lastEventId: events.at(-1)?.id,
        lastAtMs: startMs + 5,
      });
    }
  });

  it('ends alike when all come at once, twice, with conflicts and lost answers', async () => {
    const events = [1, 2, 3, 4, 5].map(voteEvent);
    for (const order of permutations(events)) {
      let calls = 0;
      const { receive, entries, last } = auditor(({ verb }) =>
        verb === 'commit'
          ? ([undefined, 'conflict', 'lose-answer'] as const)[calls++ % 3]
          : undefined,
      );
      const outcomes: string[] = [];
      // As a queue does: whatever failed comes back.
      const work = async (event: Audited) => {
        for (let received = 0; received < 100; received++) {
          const outcome = await receive(event).catch(() => undefined);
          if (outcome) return void outcomes.push(outcome);
        }
        expect.fail('never done');
      };
      await Promise.all([...order, ...order].map(work));
      expect(entries()).toHaveLength(events.length);
      expect(await last()).toMatchObject({ lastSeq: 5, lastEventId: events.at(-1)?.id });
      expect(outcomes).toHaveLength(2 * events.length);
    }
  });

  it('keeps the last event of each aggregate apart, whatever characters name it', async () => {
    expect(voteAggregate('p/1', 'u')).not.toBe(voteAggregate('p', '1/u'));
    expect(lastEventAddress('a#b', 'c')).not.toEqual(lastEventAddress('a', 'b#c'));
  });
});
