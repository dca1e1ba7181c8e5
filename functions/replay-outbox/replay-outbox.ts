/** A replay of stored events as it is asked for. */
import type * as z from 'zod';
import { Problem } from '#shared/http/problem.ts';
import { type EventReplay, noEventYet } from '#shared/outbox/event-replay.ts';
import { startOf } from '#shared/outbox/replay-page.ts';
import type { newEventReplay } from '../domain/event-replay-view.ts';
import { retention } from '../tables/retention.ts';

export interface Asking {
  readonly id: string;
  readonly requestedBy: string;
  readonly nowMs: number;
}

/**
 * A replay is kept for longer than the record of its request, and its id comes of the key: until it
 * lapses the key is taken.
 */
export const keyTaken = (): Problem =>
  new Problem('idempotency-key-reused', {
    detail: 'The replay that was made under this key is still kept. Send a fresh key.',
  });

/** What happens after it was asked for is not for it: its own event would be among that. */
export function newReplay(
  { from, to, aggregate, tenant, type, dryRun, ratePerSecond }: z.infer<typeof newEventReplay>,
  { id, requestedBy, nowMs }: Asking,
): EventReplay | Problem {
  const keptFromMs = nowMs - retention.outboxMs;
  const fromMs = from === undefined ? keptFromMs : Date.parse(from);
  if (fromMs < keptFromMs) {
    const detail = `events are kept from ${new Date(keptFromMs).toISOString()} on`;
    return new Problem('events-not-kept', {
      extensions: { errors: [{ pointer: '/from', detail }] },
    });
  }
  const toMs = Math.max(fromMs, Math.min(to === undefined ? nowMs : Date.parse(to), nowMs));
  return {
    id,
    version: 1,
    state: 'running',
    dryRun,
    filter: { fromMs, toMs, aggregate, tenant, type },
    ratePerSecond,
    requestedBy,
    requestedAtMs: nowMs,
    step: 1,
    position: startOf({ fromMs }),
    progress: noEventYet,
    expiresAtMs: nowMs + retention.parkedMs,
  };
}
