/** Reports that are remembered: for whom, how long, and what callers are told of it. */
import { cache } from '#shared/cache/cache.ts';
import { type TagVersionsOptions, tagVersions } from '#shared/cache/tag-versions.ts';
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { Caller } from '#shared/http/call.ts';
import { contentEtag } from '#shared/http/conditional.ts';
import type { Listener } from '#shared/telemetry/resilience-event.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { tagOf } from './cache-tags.ts';
import type { Days, SalesView } from './domain/sales.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * A tenant's report is counted at most every two seconds in each environment, however fast its
 * orders change, and at least every five minutes while somebody asks.
 */
export const reportPolicy = {
  freshMs: 60_000,
  staleMs: 240_000,
  staleIfErrorMs: 900_000,
  trustTagsMs: 2_000,
  maxEntries: 200,
} as const;

export interface Asked {
  readonly caller: Caller;
  readonly days: Days;
  readonly deadline?: Deadline;
}

/** Everything that makes two answers differ, or two callers. */
export const reportKey = ({ caller: { tenant, role }, days: { from, to } }: Asked): string =>
  JSON.stringify(['sales', tenant, role, from ?? null, to ?? null]);

export interface ReportCacheOptions extends Pick<TagVersionsOptions, 'store'> {
  readonly signals: Telemetry;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface Report {
  readonly report: SalesView;
  readonly headers: Readonly<Record<string, string>>;
}

/** Its lookups must only be asked for callers who may see the report: it does not look at roles. */
export function reportCache({ store, signals, ...systems }: ReportCacheOptions) {
  const remembered = cache<{ readonly report: SalesView; readonly etag: string }>({
    ...reportPolicy,
    ...systems,
    tagVersions: tagVersions({ store }),
    subject: 'sales-report',
    listen: counting(signals),
  });
  return {
    async get(asked: Asked, load: () => Promise<SalesView>): Promise<Report> {
      const { deadline, caller } = asked;
      const { value, ageMs } = await remembered.get(
        reportKey(asked),
        async () => {
          const report = await load();
          return { report, etag: contentEtag(report) };
        },
        { tags: [tagOf(caller.tenant, 'sales')], ...(deadline && { deadline }) },
      );
      if (!value) throw new Error('a report that is nothing');
      return { report: value.report, headers: headersOf(value.etag, ageMs) };
    },
  };
}

/** Seconds of RFC 9111 and 5861. `vary`: a browser of two users keeps two reports apart. */
const headersOf = (etag: string, ageMs: number) => ({
  etag,
  'cache-control': `private, max-age=${reportPolicy.freshMs / 1000}, stale-while-revalidate=${reportPolicy.staleMs / 1000}`,
  vary: 'authorization',
  age: String(Math.floor(ageMs / 1000)),
});

/** Lookups are counted; lines are only written of what went wrong, in a trace of its own. */
function counting(signals: Telemetry): Listener {
  const { listen, record } = signals.scope({ trace: newTrace() });
  return (event) => {
    if (event.severity === 'info')
      record('CacheLookups', 1, { cache: event.subject, outcome: event.happened });
    else listen(event);
  };
}
