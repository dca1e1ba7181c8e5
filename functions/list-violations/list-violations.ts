/** GET /violations: pages through the list of violations, the newest first. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';
import type { RangeReader } from '#shared/state/store.ts';
import { auditAddress, violationListKey, violationListPartition } from '../domain/keys.ts';
import { isoOf, readViolation, type Violation } from '../domain/violation.ts';

/** A page ended with this violation. */
export const listPosition = z.strictObject({ at: z.string(), tenant: z.string(), id: z.string() });

export type Position = z.infer<typeof listPosition>;

export interface ViolationPage {
  readonly violations: readonly Violation[];
  readonly next?: Position;
}

/** What has lapsed is not listed, whether or not the store has deleted it. */
export async function pageOfViolations(
  store: RangeReader,
  {
    limit,
    after,
    nowMs,
  }: {
    readonly limit: number;
    readonly after?: Position | undefined;
    readonly nowMs: number;
  },
): Promise<ViolationPage> {
  const page = await store.page({
    table: 'domain',
    index: 'lists',
    partition: { name: 'listPk', value: violationListPartition },
    sort: { name: 'listSk' },
    limit,
    descending: true,
    ...(after && { after: toKeys(after) }),
  });
  const found = page.items.map(readViolation);
  const violations = found.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  const last = violations.at(-1);
  // All are kept equally long: behind the first that has lapsed there is no other.
  const isLast = !page.next || violations.length < found.length;
  return isLast || !last ? { violations } : { violations, next: toPosition(last) };
}

/** All keys of a violation in the index: what DynamoDB wants to go on behind it. */
const toKeys = ({ at, tenant, id }: Position): Item => ({
  ...auditAddress(tenant, at.slice(0, 10), id).key,
  ...violationListKey({ id, at }),
});

const toPosition = ({ occurredAtMs, tenant, id }: Violation): Position => ({
  at: isoOf(occurredAtMs),
  tenant,
  id,
});
