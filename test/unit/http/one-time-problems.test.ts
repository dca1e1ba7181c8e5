/** Requests that votes, coupons and rewards refuse, sent to the real handlers over stores in memory. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type RouteName, routes } from '#functions/tables/routes.ts';
import { seed } from '#local/seed.ts';
import type { EdgeHandler } from '#shared/http/chain.ts';
import { type ProblemSlug, problemTypes } from '#shared/http/problem-types.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { stubEnvironment } from '../functions/handler-environment.ts';
import { bearer, signingKey, validEvent } from './edge.ts';

const store = memoryStore();
vi.mock('#shared/state/dynamodb-store.ts', () => ({ dynamoStore: () => store }));
vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');

const secrets = mockClient(SecretsManagerClient);

async function load(name: RouteName): Promise<EdgeHandler> {
  stubEnvironment(name);
  const { handler } = await handlers[name as keyof typeof handlers]();
  return handler;
}

const handlers = {
  'cast-vote': () => import('#functions/cast-vote/handler.ts'),
  'withdraw-vote': () => import('#functions/withdraw-vote/handler.ts'),
  'get-poll': () => import('#functions/get-poll/handler.ts'),
  'redeem-coupon': () => import('#functions/redeem-coupon/handler.ts'),
  'claim-daily-reward': () => import('#functions/claim-daily-reward/handler.ts'),
} as const;

interface Sent {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly user?: string;
  readonly key?: string | undefined;
}

async function send(
  name: keyof typeof handlers,
  { parameters = {}, body, user = 'u1', key = crypto.randomUUID() }: Sent = {},
) {
  const { method, path } = routes[name];
  const handler = await load(name);
  const event = await validEvent({
    httpMethod: method,
    path: path.replace(/\{(\w+)\}/, (_, parameter) => parameters[parameter] ?? ''),
    pathParameters: { ...parameters },
    body: body === undefined ? null : JSON.stringify(body),
    headers: {
      authorization: await bearer({ user }),
      'idempotency-key': method === 'GET' ? undefined : key,
    },
  });
  const context = { getRemainingTimeInMillis: () => 10_000 } as Context;
  const { statusCode, headers, body: text } = await handler(event, context);
  return { status: statusCode, headers, body: JSON.parse(text) };
}

async function refused(answer: Awaited<ReturnType<typeof send>>, slug: ProblemSlug) {
  const { status, title } = problemTypes[slug];
  expect(answer).toMatchObject({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { type: `/problems/${slug}`, title, status },
  });
}

const poll = (last: string) => ({ id: `0197a000-0000-7000-8000-00000000${last}` });
const open = poll('c001');
const closed = poll('c004');

beforeEach(async () => {
  secrets.reset();
  secrets
    .on(GetSecretValueCommand)
    .resolves({ VersionId: signingKey.id, SecretString: signingKey.value });
  await seed(store);
});

describe('a vote', () => {
  it('in a closed poll is refused with its end, and so is a withdrawal', async () => {
    const cast = await send('cast-vote', { parameters: closed, body: { option: 'tea' } });
    await refused(cast, 'poll-closed');
    expect(cast.body.closesAt).toBe('2025-01-01T00:00:00.000Z');
    await refused(await send('withdraw-vote', { parameters: closed }), 'poll-closed');
  });

  it('for an option that the poll does not have is refused, and pointed at', async () => {
    const before = store.items('domain');
    const answer = await send('cast-vote', { parameters: open, body: { option: 'milk' } });
    await refused(answer, 'option-unknown');
    expect(answer.body.errors).toEqual([
      { pointer: '/option', detail: 'is no option of this poll' },
    ]);
    expect(store.items('domain')).toEqual(before);
  });

  it.each<[keyof typeof handlers, Sent]>([
    ['cast-vote', { body: { option: 'tea' } }],
    ['withdraw-vote', {}],
    ['get-poll', {}],
  ])('in a poll that does not exist is not found by %s', async (name, sent) => {
    await refused(await send(name, { ...sent, parameters: poll('cfff') }), 'not-found');
  });

  it.each([
    ['no option', {}],
    ['an empty option', { option: '' }],
    ['an option of 65 characters', { option: 'x'.repeat(65) }],
    ['a number', { option: 1 }],
    ['null, which is how a withdrawal is kept', { option: null }],
    ['two options', { option: ['tea', 'coffee'] }],
    ['a vote for another user', { option: 'tea', userId: 'u2' }],
    ['a weight', { option: 'tea', votes: 100 }],
  ])('of %s is invalid', async (_, body) => {
    await refused(await send('cast-vote', { parameters: open, body }), 'invalid-request');
  });

  it.each(['7', 'c001', '../c001', '0197a000-0000-7000-8000-00000000c00g'])(
    'in a poll named %s is invalid',
    async (id) => {
      await refused(
        await send('cast-vote', { parameters: { id }, body: { option: 'tea' } }),
        'invalid-request',
      );
    },
  );

  it('under a used key for another option is refused, and the first stands', async () => {
    const key = crypto.randomUUID();
    const sent = { parameters: open, user: 'u7', key };
    expect(await send('cast-vote', { ...sent, body: { option: 'tea' } })).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      body: { pollId: open.id, option: 'tea', version: 1 },
    });
    await refused(
      await send('cast-vote', { ...sent, body: { option: 'coffee' } }),
      'idempotency-key-reused',
    );
    const { body } = await send('get-poll', { parameters: open, user: 'u7' });
    expect(body.myVote).toEqual({ pollId: open.id, option: 'tea', version: 1 });
  });

  it('is not withdrawn with a body', async () => {
    await refused(
      await send('withdraw-vote', { parameters: open, body: { option: 'tea' } }),
      'invalid-request',
    );
  });
});

describe('a coupon', () => {
  const redeem = (code: string, user = 'u1', key?: string) =>
    send('redeem-coupon', { parameters: { code }, user, key });

  it('that has expired is refused', async () => {
    await refused(await redeem('EARLY-BIRD'), 'coupon-expired');
  });

  it('that nobody made is not found', async () => {
    await refused(await redeem('NO-SUCH'), 'not-found');
  });

  it.each(['ab', 'x'.repeat(33), 'a b c', 'ÄÖÜ', 'a/b/c'])('named %s is invalid', async (code) => {
    await refused(await redeem(code), 'invalid-request');
  });

  it('is redeemed once by a user, in capitals or not, and gone when nothing is left', async () => {
    const key = crypto.randomUUID();
    const first = await redeem('last-one', 'u1', key);
    expect(first).toMatchObject({ status: 201, body: { code: 'LAST-ONE', amountMinor: 1_000 } });
    const again = await redeem('last-one', 'u1', key);
    expect([again.headers['idempotency-replayed'], again.body]).toEqual(['true', first.body]);
    await refused(await redeem('LAST-ONE', 'u1'), 'coupon-already-redeemed');
    await refused(await redeem('LAST-ONE', 'u2'), 'coupon-exhausted');
  });
});

describe('a daily reward', () => {
  it('is claimed once a day; the refusal says when the next may be', async () => {
    const key = crypto.randomUUID();
    const first = await send('claim-daily-reward', { user: 'u9', key });
    expect(first).toMatchObject({ status: 201, body: { streak: 1, amountMinor: 10 } });
    const again = await send('claim-daily-reward', { user: 'u9' });
    await refused(again, 'reward-already-claimed');
    expect(again.body.nextAt).toBe(first.body.nextAt);
    const seconds = Number(again.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(86_400);
    const replayed = await send('claim-daily-reward', { user: 'u9', key });
    expect([replayed.status, replayed.body]).toEqual([201, first.body]);
  });

  it('is not claimed with a body', async () => {
    await refused(
      await send('claim-daily-reward', { body: { day: '2026-01-01' } }),
      'invalid-request',
    );
  });
});
