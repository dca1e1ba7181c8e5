/**
 * Transfers between one pair of accounts, so many at once: decided anew after each conflict
 * (optimistic), or one at a time under a lease (pessimistic). Both move the same money with the same
 * code in the same unit of work, in one run on one engine; whoever gives up is asked again under the
 * same key after the second that the 503 asks for.
 */
import { createTransfer } from '#functions/create-transfer/create-transfer.ts';
import { accountAddress, transferAddress } from '#functions/domain/keys.ts';
import { readTransfer } from '#functions/domain/transfer.ts';
import { publish } from '#functions/publish.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { ContentionError } from '#shared/idempotency/errors.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7, uuidV8Of } from '#shared/ids/uuid.ts';
import { advisoryLock } from '#shared/lease/advisory-lock.ts';
import { leases } from '#shared/lease/lease.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { Write } from '#shared/state/items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { metered } from './price/meter.ts';
import { onEngine, ourTables } from './price/on-engine.ts';
import { print, round, spreadOf } from './report.ts';

const perCell = 96;
const perBlock = 24;
const inFlight = [1, 4, 16] as const;
const budgetMs = 5_000;
const retryAfterMs = 1_000;
const tenant = 'load';
const [a, b] = [uuidV7(), uuidV7()];
const around = { trace: newTrace(), correlationId: 'bench' };

await onEngine(async (newClient) => {
  const client = newClient();
  const store = dynamoStore({ tables: ourTables, clients: { once: client, again: client } });
  for (const id of [a, b]) {
    const account = { id, version: 1, userId: 'u1', currency: 'EUR', balanceMinor: 1_000_000 };
    await store.write({ put: account, at: accountAddress(tenant, id) });
  }

  let conflicts = 0;
  const unit = unitOfWork({
    store,
    recordsTable: 'state',
    listen({ happened }) {
      if (happened === 'conflicted') conflicts++;
    },
  });
  const held = leases({ store, table: 'lease' });
  const lock = advisoryLock({ leases: held, holdMs: budgetMs, waitMs: budgetMs });

  /** One unit of work; `also` are writes that go with its own. */
  async function once(key: string, also: readonly Write[] = []): Promise<void> {
    const record = unitKey(key);
    const id = uuidV8Of(record);
    const at = transferAddress(tenant, id);
    const transfer = { fromAccountId: a, toAccountId: b, amountMinor: 1, currency: 'EUR' };
    const decide = async (reader: UnitReader) => {
      const decision = await createTransfer(
        { caller: { tenant, user: 'u1', role: 'user' }, id, transfer, nowMs: Date.now() },
        { reader, publish: (happening) => publish(happening, around) },
      );
      return 'refused' in decision
        ? decision
        : { ...decision, writes: [...decision.writes, ...also] };
    };
    const outcome = await unit.run(
      {
        key: record,
        fingerprint: key,
        entityAt: at,
        rebuild: async ({ look }) => readTransfer(await look(at)),
        deadline: deadline({ inMs: budgetMs }),
        subject: 'create-transfer',
      },
      decide,
    );
    if (outcome.how === 'refused') throw outcome.refusal;
  }

  /** Answers whether it was done, or others were in the way for too long. */
  type Way = (key: string) => Promise<boolean>;
  const ways = {
    optimistic: (key) =>
      once(key).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof ContentionError)) throw error;
          return false;
        },
      ),
    pessimistic: async (key) =>
      (
        await lock.run([a, b].sort().join(), ({ lease }) => once(key, [held.guard(lease)]), {
          deadline: deadline({ inMs: budgetMs }),
        })
      ).ran,
  } as const satisfies Record<string, Way>;

  interface Cell {
    readonly ms: number[];
    calls: number;
    writeUnits: number;
    readUnits: number;
    giveUps: number;
    conflicts: number;
    elapsedMs: number;
  }

  async function block(way: Way, atOnce: number, cell: Cell): Promise<void> {
    let left = perBlock;
    const caller = async () => {
      while (left-- > 0) {
        const key = uuidV7();
        const { price, ms, error } = await metered(async () => {
          while (!(await way(key))) {
            cell.giveUps++;
            await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
          }
        });
        if (error) throw error;
        cell.ms.push(ms);
        cell.calls += price.calls.length;
        cell.writeUnits += price.writeUnits;
        cell.readUnits += price.readUnits;
      }
    };
    const before = conflicts;
    const beganMs = performance.now();
    await Promise.all(Array.from({ length: atOnce }, caller));
    cell.elapsedMs += performance.now() - beganMs;
    cell.conflicts += conflicts - before;
  }

  const rows: Record<string, Record<string, number>> = {};
  const flat: Record<keyof typeof ways, Record<string, number>> = {
    optimistic: {},
    pessimistic: {},
  };
  const names = Object.keys(ways) as (keyof typeof ways)[];
  for (const name of names) await ways[name](uuidV7());
  for (const atOnce of inFlight) {
    const cells = Object.fromEntries(
      names.map((name): [string, Cell] => [
        name,
        { ms: [], calls: 0, writeUnits: 0, readUnits: 0, giveUps: 0, conflicts: 0, elapsedMs: 0 },
      ]),
    );
    for (let done = 0; done < perCell; done += perBlock)
      for (const name of names) await block(ways[name], atOnce, cells[name] as Cell);
    for (const name of names) {
      const { ms, elapsedMs, ...sums } = cells[name] as Cell;
      const each = Object.fromEntries(
        Object.entries(sums).map(([figure, sum]) => [figure, round(sum / ms.length)]),
      );
      const { p50, p90 } = spreadOf(ms);
      const figures = { ...each, p50, p90, perSecond: round((ms.length * 1_000) / elapsedMs) };
      rows[`${atOnce} at once · ${name}`] = figures;
      for (const [figure, value] of Object.entries(figures))
        flat[name][`${atOnce} at once · ${figure}`] = value;
    }
  }

  const balances = await Promise.all(
    [a, b].map(async (id) =>
      Number((await store.read(accountAddress(tenant, id)))?.['balanceMinor']),
    ),
  );
  const moved = 2 * perCell * inFlight.length + names.length;
  if (balances[0] !== 1_000_000 - moved || balances[1] !== 1_000_000 + moved)
    throw new Error(`money was made or lost: ${balances}, after ${moved} transfers of 1`);
  print({ bench: 'contention', metrics: flat.optimistic, against: flat.pessimistic }, rows);
});
