/** The tags of what is remembered, and the events that end it. */
import { type TagVersionsOptions, tagVersions } from '#shared/cache/tag-versions.ts';
import type { HandedOn } from '#shared/outbox/hand-on.ts';
import type { Listener } from '#shared/telemetry/resilience-event.ts';
import { type CacheTag, eventRowOf } from './tables/events.ts';

/** Tenant first, each part encoded: no tenant's name reaches into another's tags. */
export const tagOf = (tenant: string, tag: CacheTag): string =>
  [tenant, tag].map(encodeURIComponent).join('#');

export interface InvalidationOptions extends Pick<TagVersionsOptions, 'store'> {
  readonly listen: Listener;
}

/**
 * Bumps what the events have made old, each tag of a tenant once. Those that were not handed on come
 * again. A bump that fails is told and no more: what is remembered ends by its time.
 */
export function invalidation({ store, listen }: InvalidationOptions) {
  const tags = tagVersions({ store });
  return async (events: readonly HandedOn[]): Promise<void> => {
    const old = events.flatMap(({ how, event }) =>
      how === 'failed' || !event
        ? []
        : (eventRowOf(event.type)?.invalidates ?? []).map((tag) => ({
            tag,
            key: tagOf(event.tenant, tag),
          })),
    );
    await Promise.all(
      [...Map.groupBy(old, ({ key }) => key)].map(async ([key, [first]]) => {
        try {
          await tags.bump([key]);
        } catch (error) {
          const cause = error instanceof Error ? error.name : 'unknown';
          listen({
            pattern: 'cache',
            happened: 'invalidation-failed',
            subject: first?.tag ?? 'unknown',
            severity: 'warning',
            facts: { error: cause },
          });
        }
      }),
    );
  };
}
