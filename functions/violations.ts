/**
 * Records violations of the border between tenants: an event under the caller's own tenant, a line
 * that needs a person, and a metric. Of a flood only a few become events and lines; the next one says
 * how many did not.
 */

import { within } from '#shared/deadline/within.ts';
import type { Violation } from '#shared/http/authenticate.ts';
import type { Arrival } from '#shared/http/call.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { assertBucket, type BucketPolicy, fillMs, fits } from '#shared/rate-limit/bucket.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { judgeNamed, violationAggregate } from './domain/violation.ts';
import { publish } from './publish.ts';
import type { RouteName } from './tables/routes.ts';
import type { Scope } from './telemetry.ts';

export interface ViolationsOptions {
  readonly route: RouteName;
  readonly store: ItemWriter;
  /** Events that an environment makes for one tenant: five at once, then one a second. */
  readonly policy?: BucketPolicy;
  /** Tenants remembered at once. The one that was first met is forgotten first. */
  readonly mostTenants?: number;
  /** Longest wait for the store. The caller's own deadline does not shorten it: else a short one
   *  would be a way past the audit. */
  readonly withinMs?: number;
  readonly now?: () => number;
  readonly newId?: () => string;
}

export type RecordViolation = (
  violation: Violation,
  arrival: Arrival,
  scope: Scope,
) => Promise<void>;

/** What an environment knows of a tenant whose callers reached across. */
interface Known {
  readonly fullAtMs: number;
  /** Since the last event. */
  readonly suppressed: number;
}

/** It never throws: the call is refused whether or not that could be recorded. */
export function violations({
  route,
  store,
  policy = { capacity: 5, refillEveryMs: 1_000 },
  mostTenants = 1_000,
  withinMs = 1_000,
  now = Date.now,
  newId = () => uuidV7({ now }),
}: ViolationsOptions): RecordViolation {
  assertBucket(policy);
  const tenants = new Map<string, Known>();

  /** How many the event stands for besides itself; undefined when it is not to be made. */
  function admit(tenant: string): number | undefined {
    const nowMs = now();
    const known = tenants.get(tenant) ?? { fullAtMs: nowMs, suppressed: 0 };
    const { suppressed } = known;
    // Later than an empty bucket is full: the clock was set back. It is one process's, so this is safe.
    const fullAtMs = Math.min(known.fullAtMs, nowMs + fillMs(policy));
    const admitted = fits(policy, fullAtMs, { nowMs, cost: 1 });
    tenants.set(
      tenant,
      admitted
        ? { fullAtMs: Math.max(fullAtMs, nowMs) + policy.refillEveryMs, suppressed: 0 }
        : { fullAtMs, suppressed: suppressed + 1 },
    );
    const [first = tenant] = tenants.keys();
    if (tenants.size > mostTenants) tenants.delete(first);
    return admitted ? suppressed : undefined;
  }

  /** Those that the store did not take are the next event's to tell. */
  function owe(tenant: string, missed: number): void {
    const known = tenants.get(tenant);
    if (known) tenants.set(tenant, { ...known, suppressed: known.suppressed + missed });
  }

  return async ({ place, named, by: { tenant, user } }, { trace, requestId }, scope) => {
    const judged = judgeNamed(tenant, named);
    scope.record('TenantViolations', 1, { kind: judged.kind });
    const suppressed = admit(tenant);
    if (suppressed === undefined) return;
    const id = newId();
    const told = { pattern: 'auth', subject: route, severity: 'error' } as const;
    const facts = { violation_id: id, kind: judged.kind, place, suppressed };
    scope.listen({ ...told, happened: 'tenant-violated', facts });
    try {
      const data = { ...judged, place, route, userId: user, suppressed };
      const write = publish(
        { type: 'tenant.violated', tenant, aggregate: violationAggregate(id), seq: 1, data },
        { trace, correlationId: requestId, now, newId: () => id },
      );
      // Not applied is applied: a fresh id stands there only if an earlier try of this write came.
      await within(
        withinMs,
        store.write(write),
        (ms) => new RecordTimeoutError(`no answer in ${ms} ms`),
      );
    } catch (error) {
      owe(tenant, suppressed + 1);
      const error_name = error instanceof Error ? error.name : typeof error;
      const unrecorded = { violation_id: id, error_name };
      scope.listen({ ...told, happened: 'tenant-violation-unrecorded', facts: unrecorded });
    }
  };
}

class RecordTimeoutError extends Error {
  override name = 'RecordTimeoutError';
}
