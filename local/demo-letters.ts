/** Dead letters and replays that nobody waits for: the examples of the operator's routes are about them. */
import { retention } from '#functions/tables/retention.ts';
import { eventReplayWrite, noEventYet } from '#shared/outbox/event-replay.ts';
import { startOf } from '#shared/outbox/replay-page.ts';
import type { Letter } from '#shared/parking/letter.ts';
import { letterWrite } from '#shared/parking/letter-items.ts';
import { nothingYet, replayWrite } from '#shared/parking/replay.ts';
import type { Address, Item } from '#shared/state/items.ts';

const queue = 'audit:record';

const toDiscarded = (id: string, nowMs: number): Letter => ({
  queue,
  id,
  state: 'discarded',
  version: 2,
  cause: 'invalid-event-data',
  error: 'PermanentFault',
  attempt: 1,
  messageId: 'c0ffee00-0000-4000-8000-000000000001',
  event: { id, type: 'item.changed', tenant: 'acme', occurredAtMs: nowMs },
  body: JSON.stringify({ id, type: 'item.changed', tenant: 'acme', data: {} }),
  parkedAtMs: nowMs,
  firstParkedAtMs: nowMs,
  parkings: 1,
  replays: 0,
  discarded: { by: 'ops', reason: 'a letter of the demo data', atMs: nowMs },
  earlierReplays: [],
  history: [],
  expiresAtMs: nowMs + retention.parkedMs,
});

export function demoLetters(
  nowMs: number,
): readonly { readonly at: Address; readonly item: Item }[] {
  const letters = ['0197a000-0000-7000-8000-0000000d1001', '0197a000-0000-7000-8000-0000000d1002'];
  const replay = replayWrite('parked', {
    queue,
    id: '0197a000-0000-7000-8000-0000000d1003',
    version: 1,
    state: 'planned',
    wanted: { filter: {} },
    ratePerSecond: 10,
    requestedBy: 'ops',
    requestedAtMs: nowMs,
    step: 1,
    progress: nothingYet,
    truncated: false,
    expiresAtMs: nowMs + retention.parkedMs,
  });
  const filter = { fromMs: nowMs - 3_600_000, toMs: nowMs };
  const eventReplay = eventReplayWrite('parked', {
    id: '0197a000-0000-7000-8000-0000000d1004',
    version: 2,
    state: 'done',
    dryRun: true,
    filter,
    ratePerSecond: 10,
    requestedBy: 'ops',
    requestedAtMs: nowMs,
    finishedAtMs: nowMs,
    step: 2,
    position: startOf(filter),
    progress: noEventYet,
    expiresAtMs: nowMs + retention.parkedMs,
  });
  return [
    ...letters.map((id) => letterWrite('parked', undefined, toDiscarded(id, nowMs))),
    replay,
    eventReplay,
  ].flatMap((write) => ('put' in write ? [{ at: write.at, item: write.put }] : []));
}
