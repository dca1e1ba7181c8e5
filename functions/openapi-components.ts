/** What the operations of the OpenAPI document have in common. */
import * as z from 'zod';
import { tenantHeader } from '#shared/http/authenticate.ts';
import { ifNoneMatchHeader } from '#shared/http/conditional.ts';
import { deadlineHeader } from '#shared/http/deadline.ts';
import { idempotencyKeyHeader, longestKey } from '#shared/http/idempotency-key.ts';
import { ifMatchHeader } from '#shared/http/if-match.ts';
import { type ProblemSlug, problemPath, problemTypes } from '#shared/http/problem-types.ts';
import { priorityHeader } from '#shared/http/shed.ts';
import { priorities } from '#shared/pressure/priority.ts';
import type { rateLimitHeaderNames } from '#shared/rate-limit/headers.ts';

export const about = `A shop behind one API, for many tenants: orders and stock, transfers, polls, coupons and rewards, bookings of slots, jobs that are handed on to a slow partner, and a report of what was sold. Operators read and replay what no worker could do, and see who reached for another tenant.

What changes something is done once, however often it is sent under its Idempotency-Key, and nobody overwrites what they have not read. Calls are limited by user, address, tenant and all together, and every limited answer says where its caller stands; when the service is behind, what matters least is refused first, and says when to come back.

Whatever is not a success is a problem (RFC 9457), whose \`type\` is the path of its page. Each operation has an example that works as it stands for the demo tenant \`acme\`, with a token of the role in \`x-holdfast-role\` and, where it changes something, an Idempotency-Key of your own.`;

export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
} as const;

export const parameters = {
  IdempotencyKey: {
    name: idempotencyKeyHeader,
    in: 'header',
    required: true,
    description: `Names one intention: the same text with every retry, a fresh one for everything new. A quoted string, or the same text bare; at most ${longestKey} characters, quotes and escapes apart.`,
    schema: { type: 'string', minLength: 1, maxLength: 2 * longestKey + 2 },
  },
  IfMatch: {
    name: ifMatchHeader,
    in: 'header',
    required: true,
    description:
      'The ETag that came with what is to be changed: one strong tag, no `*`. A stale one is answered 409 with the current ETag.',
    schema: { type: 'string', pattern: '^"[1-9][0-9]*"$' },
  },
  IfNoneMatch: {
    name: ifNoneMatchHeader,
    in: 'header',
    description:
      'ETags that the caller has: when it is one of them, the answer is 304, without it.',
    schema: { type: 'string' },
  },
  TenantId: {
    name: tenantHeader,
    in: 'header',
    description: 'Where it is given, it must be the tenant of the token.',
    schema: { type: 'string' },
  },
  Deadline: {
    name: deadlineHeader,
    in: 'header',
    description: 'How long the caller waits, in milliseconds. It can only shorten the time.',
    schema: { type: 'integer', minimum: 1 },
  },
  Priority: {
    name: priorityHeader,
    in: 'header',
    description:
      'How much the call matters, where that is less than its route says: what matters least is refused first when the service is behind. Asking for more changes nothing.',
    schema: { type: 'string', enum: priorities.map((priority) => priority.toLowerCase()) },
  },
  Traceparent: {
    name: 'traceparent',
    in: 'header',
    description: 'The trace to go on with (W3C Trace Context).',
    schema: { type: 'string' },
  },
} as const;

export const headers = {
  RequestId: {
    description: 'Names the request in the logs. Absent where the gateway itself has answered.',
    schema: { type: 'string' },
  },
  Traceparent: {
    description: 'The trace of the request. Absent where the gateway itself has answered.',
    schema: { type: 'string' },
  },
  IdempotencyReplayed: {
    description: 'There when this is the answer to an earlier request under the same key.',
    schema: { type: 'string', const: 'true' },
  },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
  RateLimitPolicy: {
    description:
      'The limits that the call counts for, a structured field: a burst of `q` tokens, which comes back over `w` seconds. With the four below on every answer of the service to a limited call; absent while the limits cannot be asked, from what fails before they are, and from 503 `overloaded`, which is refused without asking them.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'Where they stand: `r` tokens are left, and no more than these for `t` seconds.',
    schema: { type: 'string' },
  },
  RateLimitLimit: {
    description: 'Tokens of the limit that is nearest to its end.',
    schema: { type: 'integer', minimum: 1 },
  },
  RateLimitRemaining: {
    description: 'What is left of it.',
    schema: { type: 'integer', minimum: 0 },
  },
  RateLimitReset: {
    description: 'Seconds until nothing of it is missing.',
    schema: { type: 'integer', minimum: 0 },
  },
  WwwAuthenticate: {
    description: 'The scheme, and `error="invalid_token"` when a token was sent.',
    schema: { type: 'string' },
  },
} as const;

export const problem = z
  .looseObject({
    type: z.string().meta({ description: 'The path of its page.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: 'What is wrong with this very request.' }),
    instance: z.string().meta({ description: 'The id of the request.' }),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          pointer: z.string().optional().meta({ description: 'Place in the body (RFC 6901).' }),
          parameter: z.string().optional().meta({ description: 'Name in the query or path.' }),
          header: z.string().optional().meta({ description: 'Name of a header.' }),
        }),
      )
      .optional(),
    'violated-policies': z
      .array(z.string())
      .optional()
      .meta({ description: 'Names of the limits that refused, as in `RateLimit-Policy`.' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });

/** What is seldom without them. */
const ofExample: Partial<Record<ProblemSlug, Readonly<Record<string, unknown>>>> = {
  'rate-limited': {
    detail: 'Over the limit of user-write.',
    'violated-policies': ['user-write'],
  },
};

/** What a problem looks like. */
export const problemExample = (slug: ProblemSlug) => {
  const { title, status } = problemTypes[slug];
  const instance = '3f0c9a52-6f1e-4f5e-9d6c-2b8a1c7e4d10';
  return { value: { type: problemPath(slug), title, status, ...ofExample[slug], instance } };
};

export const ref = (
  kind: 'parameters' | 'headers' | 'responses',
  name: string,
): { readonly $ref: string } => ({ $ref: `#/components/${kind}/${name}` });

/** Of every answer that the service itself gives. */
export const answered = {
  'x-request-id': ref('headers', 'RequestId'),
  traceparent: ref('headers', 'Traceparent'),
};

/** Of what counts for the limits of its caller. */
export const rateLimited = {
  'ratelimit-policy': ref('headers', 'RateLimitPolicy'),
  ratelimit: ref('headers', 'RateLimit'),
  'ratelimit-limit': ref('headers', 'RateLimitLimit'),
  'ratelimit-remaining': ref('headers', 'RateLimitRemaining'),
  'ratelimit-reset': ref('headers', 'RateLimitReset'),
} as const satisfies Record<(typeof rateLimitHeaderNames)[number], unknown>;
