/**
 * A decision as header fields: `RateLimit-Policy` and `RateLimit` by the draft of the IETF's HTTP API
 * group, and the three fields of its early drafts that most clients read. The one place that knows
 * their form, because the draft is still in motion.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11
 * @see https://www.rfc-editor.org/rfc/rfc9651 (structured fields)
 */
import type { Decision, LayerState } from './layers.ts';
import type { Standing } from './rate-limiter.ts';

export type Headers = Readonly<Record<string, string>>;

type Known = LayerState & { readonly standing: Standing };

/** How each version of the draft says it. */
const drafts = {
  'draft-11': (layers: readonly LayerState[], known: readonly Known[]): Headers => ({
    'ratelimit-policy': list(
      layers.map(({ name, quota }) =>
        item(name, { q: quota.tokens, w: Math.max(1, toSeconds(quota.windowMs)) }),
      ),
    ),
    ...(known.length > 0 && {
      ratelimit: list(
        known.map(({ name, standing: { remaining, nextTokenMs } }) =>
          // No `t` where nothing is missing: then there is nothing to wait for.
          item(name, { r: remaining, ...(nextTokenMs > 0 && { t: toSeconds(nextTokenMs) }) }),
        ),
      ),
    }),
  }),
} as const;

export type Draft = keyof typeof drafts;

/** Lower-case names. Empty for a decision without layers. */
export function rateLimitHeaders(
  { layers }: Pick<Decision, 'layers'>,
  draft: Draft = 'draft-11',
): Headers {
  if (layers.length === 0) return {};
  const known = layers.filter((layer): layer is Known => layer.standing !== undefined);
  return { ...drafts[draft](layers, known), ...legacy(known) };
}

/** Every name that `rateLimitHeaders` may answer with. */
export const rateLimitHeaderNames = [
  'ratelimit-policy',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
] as const;

/** Of the limit that is nearest to its end; one that has refused is at it. */
function legacy(known: readonly Known[]): Headers {
  const [nearest] = known.toSorted((a, b) => leftRatio(a) - leftRatio(b));
  if (!nearest) return {};
  const { quota, standing } = nearest;
  return {
    'ratelimit-limit': String(quota.tokens),
    'ratelimit-remaining': String(standing.remaining),
    'ratelimit-reset': String(toSeconds(standing.fullInMs)),
  };
}

const leftRatio = ({ violated, quota, standing }: Known): number =>
  violated ? -1 : standing.remaining / quota.tokens;

/** Rounded up: whoever comes after it comes in time. */
const toSeconds = (ms: number): number => Math.ceil(ms / 1000);

const list = (items: readonly string[]): string => items.join(', ');

/** A string with parameters. Names of limits are letters, digits and `-`, so none is escaped. */
const item = (name: string, parameters: Readonly<Record<string, number>>): string =>
  [`"${name}"`, ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`)].join(';');
