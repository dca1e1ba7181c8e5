import { describe, expect, it } from 'vitest';
import { newReplay } from '#functions/replay-dead-letters/contract.ts';
import { requestReplay } from '#functions/replay-dead-letters/replay-dead-letters.ts';
import { retention } from '#functions/tables/retention.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Problem } from '#shared/http/problem.ts';
import { fingerprint } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { parker } from '#shared/parking/parker.ts';
import {
  nothingYet,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
} from '#shared/parking/replay.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

const hourMs = 3_600_000;
const queue = 'order:process';
const caller = { tenant: 'acme', user: 'ops' };

function given() {
  let nowMs = Date.UTC(2026, 0, 1);
  const now = () => nowMs;
  const store = memoryStore({ now });
  const unit = unitOfWork({ store, recordsTable: 'state', now, sleep: async () => {} });
  const at = replayAddress('parked', queue, 'r1');
  return {
    store,
    park: (id: string) =>
      parker({ store, table: 'parked', retainMs: retention.parkedMs, now })({
        ...{ queue, id, messageId: id, cause: 'not-json', body: '{', replays: 0 },
      }),
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A request under one and the same key. */
    send(asked: object) {
      const body = newReplay.parse(asked);
      const request = {
        key: 'k',
        fingerprint: fingerprint({ method: 'POST', path: '/dlq', body }),
        retainMs: retention.idempotencyMs,
        deadline: deadline({ inMs: 5_000, now }),
        subject: 'replay-dead-letters',
      };
      return unit.run(request, (reader) =>
        requestReplay(body, {
          ...{ reader, store, queue, id: 'r1', caller, nowMs, hasTime: () => true },
          ...{ trace: newTrace(), correlationId: 'c1' },
        }),
      );
    },
    current: async () => readReplay(await store.read(at), nowMs),
    write: (replay: Replay) => store.write(replayWrite('parked', replay)),
  };
}

const refusalOf = (outcome: { readonly how: string; readonly refusal?: Problem }) => [
  outcome.refusal?.slug,
  outcome.refusal?.options.extensions?.['errors'],
];

describe('a key that made a replay longer ago than its record is kept', () => {
  it('makes no second one: it is told how the first one stands', async () => {
    const { store, send, pass, current, write } = given();
    const asked = { filter: { cause: 'not-json', from: '2025-12-01T00:00:00Z' } };
    expect(await send(asked)).toMatchObject({ how: 'committed', answer: { state: 'running' } });
    pass(25 * hourMs);
    const standing = await current();
    if (!standing) throw new Error('no replay');
    await write({ ...standing, state: 'done', progress: { ...nothingYet, matched: 7 } });
    expect(await send(asked)).toMatchObject({
      how: 'committed',
      answer: { id: 'r1', state: 'done', matched: 7 },
    });
    expect(store.items('outbox')).toHaveLength(1);
  });

  it.each([
    [{ filter: { cause: 'b' } }],
    [{ filter: { cause: 'a' }, dryRun: true }],
    [{ filter: { cause: 'a' }, ratePerSecond: 11 }],
    [{ ids: ['m1'] }],
    [{ ids: ['m1'], edit: { id: 'm1', body: '{}' } }],
  ])('is refused to %j, another request', async (other) => {
    const { send, pass, park } = given();
    await send({ filter: { cause: 'a' } });
    pass(25 * hourMs);
    await park('m1');
    expect(refusalOf(await send(other))[0]).toBe('idempotency-key-reused');
  });

  it('makes another when that one has lapsed, although the store has it still', async () => {
    const { store, send, pass } = given();
    await send({ filter: {} });
    pass(retention.parkedMs);
    expect(await send({ filter: { cause: 'b' } })).toMatchObject({
      how: 'committed',
      answer: { state: 'running' },
    });
    expect(store.items('outbox')).toHaveLength(2);
  });
});

describe('letters that are named', () => {
  it('are each refused where the caller named them first', async () => {
    const { send, park } = given();
    await park('m1');
    expect(refusalOf(await send({ ids: ['m1', 'm1', 'm2', 'm2', 'm3'] }))).toEqual([
      'letters-not-replayable',
      [
        { pointer: '/ids/2', detail: 'not-found' },
        { pointer: '/ids/4', detail: 'not-found' },
      ],
    ]);
  });

  it('are told with an edit that cannot be', async () => {
    const { send, park } = given();
    await park('m1');
    const edit = { id: 'm1', body: 'no JSON' };
    expect(refusalOf(await send({ ids: ['m1'], edit }))).toEqual([
      'letter-edit-invalid',
      [{ pointer: '/edit/body', detail: 'its consumer would refuse it: not-json' }],
    ]);
  });
});
