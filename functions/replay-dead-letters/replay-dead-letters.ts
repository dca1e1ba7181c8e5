/** POST /dlq/{queue}/replays: which letters, and whether they can be replayed; a worker does it. */
import type * as z from 'zod';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import { canonical } from '#shared/idempotency/key.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import { planReplay } from '#shared/parking/plan-replay.ts';
import {
  nothingYet,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
  type Wanted,
} from '#shared/parking/replay.ts';
import type { Replayed } from '#shared/parking/replay-letters.ts';
import type { ItemReader, RangeReader } from '#shared/state/store.ts';
import { type replayView, toReplayView } from '../domain/letter-view.ts';
import { faultOfEdit } from '../letter-edit.ts';
import { type PublishOptions, publish } from '../publish.ts';
import { type LetterQueue, tooOldToReplayMs } from '../tables/letters.ts';
import { retention } from '../tables/retention.ts';
import type { newReplay } from './contract.ts';

type NewReplay = z.infer<typeof newReplay>;

export interface Asking extends Pick<PublishOptions, 'trace' | 'correlationId'> {
  readonly reader: UnitReader;
  readonly store: ItemReader & RangeReader;
  readonly queue: LetterQueue;
  /** Of the replay that the request makes: the same for every request under its key. */
  readonly id: string;
  readonly caller: { readonly tenant: string; readonly user: string };
  readonly hasTime: () => boolean;
  readonly nowMs: number;
}

const table = 'parked';

/** Letters counted by a dry run. */
const mostRead = 2_000;

export async function requestReplay(
  body: NewReplay,
  { reader, store, queue, id, caller, hasTime, nowMs, ...told }: Asking,
): Promise<Decision<z.infer<typeof replayView>, Problem>> {
  const wanted = wantedOf(body);
  const standing = readReplay(await reader.look(replayAddress(table, queue, id)), nowMs);
  if (standing) return askedBefore(standing, body, wanted);

  const planned =
    body.dryRun || 'ids' in wanted
      ? await planReplay({
          ...{ store, table, queue, wanted, mostRead, hasTime, nowMs },
          ...{ replayId: id, tooOldMs: tooOldToReplayMs },
        })
      : undefined;
  const refused =
    (await refusalOfEdit(body, { store, queue, nowMs })) ??
    refusalOfNamed(body, planned?.letters ?? []);
  if (refused) return { refused };

  const replay: Replay = {
    queue,
    id,
    version: 1,
    state: body.dryRun ? 'planned' : 'running',
    wanted,
    ...(body.edit && { edit: body.edit }),
    ratePerSecond: body.ratePerSecond,
    requestedBy: caller.user,
    requestedAtMs: nowMs,
    step: 1,
    progress: (body.dryRun && planned?.progress) || nothingYet,
    ...(body.dryRun && { truncated: planned?.truncated ?? false }),
    expiresAtMs: nowMs + retention.parkedMs,
  };
  const requested = {
    type: 'letters.replay-requested',
    tenant: caller.tenant,
    aggregate: `replay/${id}`,
    seq: 1,
    data: { queue, replayId: id, step: 1 },
  } as const;
  return {
    answer: toReplayView(replay),
    writes: [
      { ...replayWrite(table, replay), when: { lapsedAtMs: nowMs } },
      ...(body.dryRun ? [] : [publish(requested, told)]),
    ],
  };
}

/**
 * A replay is kept longer than the record of its request. Until it lapses its key is taken: the same
 * request is told how the replay stands, and another one is another.
 */
function askedBefore(
  standing: Replay,
  { edit, ratePerSecond, dryRun }: NewReplay,
  wanted: Wanted,
): Decision<z.infer<typeof replayView>, Problem> {
  const asked = canonical({ wanted, edit, ratePerSecond, dryRun });
  const before = canonical({
    wanted: standing.wanted,
    edit: standing.edit,
    ratePerSecond: standing.ratePerSecond,
    dryRun: standing.state === 'planned',
  });
  if (asked === before) return { answer: toReplayView(standing), writes: [] };
  const detail = 'Send a fresh key with this request.';
  return { refused: new Problem('idempotency-key-reused', { detail }) };
}

/** @throws TypeError for what the contract would not have let in. */
function wantedOf({ ids, filter }: NewReplay): Wanted {
  if (ids) return { ids: [...new Set(ids)] };
  if (!filter) throw new TypeError('a replay is of letters by name or by filter');
  const { from, to, ...by } = filter;
  return {
    filter: {
      ...by,
      ...(from !== undefined && { fromMs: Date.parse(from) }),
      ...(to !== undefined && { toMs: Date.parse(to) }),
    },
  };
}

/** Letters that were named are replayed all, or none: whoever names them expects each. */
function refusalOfNamed({ ids }: NewReplay, letters: readonly Replayed[]): Problem | undefined {
  if (!ids) return undefined;
  const errors = letters.flatMap((letter) =>
    letter.how === 'replayed'
      ? []
      : [{ pointer: `/ids/${ids.indexOf(letter.id)}`, detail: letter.because }],
  );
  if (errors.length === 0) return undefined;
  return new Problem('letters-not-replayable', { extensions: { errors } });
}

async function refusalOfEdit(
  { edit }: NewReplay,
  { store, queue, nowMs }: Pick<Asking, 'store' | 'queue' | 'nowMs'>,
): Promise<Problem | undefined> {
  if (!edit) return undefined;
  const letter = await letterNamed(store, { table, queue, id: edit.id, nowMs });
  const detail = letter && faultOfEdit(letter, edit.body, nowMs);
  if (!detail) return undefined;
  const errors = [{ pointer: '/edit/body', detail }];
  return new Problem('letter-edit-invalid', { extensions: { errors } });
}
