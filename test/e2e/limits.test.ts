/** Who sends too much is told so, by the service or by the gateway before it; nobody else notices. */
import { describe, expect, it } from 'vitest';
import { problemPath } from '#shared/http/problem-types.ts';
import { readList } from '../unit/rate-limit/structured-list.ts';
import { callerAs, type Received, type Send } from './support/caller.ts';
import { needs } from './support/needs.ts';

const somebody = () => `limits-${crypto.randomUUID()}`;

type Answer = Received<Record<string, unknown>>;

const isRefused = ({ status }: Answer): boolean => status === 429;

/**
 * By the limits themselves. While their store does not answer in time, shares in memory stand in for
 * them, of which callers are told nothing; an engine that starts many functions at once is so slow.
 */
const isRefusedByLimits = (answer: Answer): boolean =>
  isRefused(answer) && answer.headers.has('ratelimit-policy');

/** A few at once: more of them only wait for functions to start. */
const inFlight = 5;

/** Sends until there is such an answer. */
async function floodUntil(isIt: (answer: Answer) => boolean, send: () => Promise<Answer>) {
  const answers: Answer[] = [];
  const isOver = () => answers.some(isIt) || answers.length > 600;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (!isOver()) answers.push(await send());
    }),
  );
  return { answers, found: answers.find(isIt) ?? expect.fail('nobody was refused') };
}

/** What the service's own answers say, whatever they are. */
function expectStanding({ headers }: Answer, names: readonly string[]): void {
  const policies = readList(headers.get('ratelimit-policy') ?? '');
  expect(policies.map(({ value }) => value)).toEqual(names);
  for (const { parameters } of policies)
    expect(parameters).toEqual({ q: expect.any(Number), w: expect.any(Number) });
  const standing = readList(headers.get('ratelimit') ?? '');
  for (const { value } of standing) expect(names).toContain(value);
  for (const name of ['limit', 'remaining', 'reset'])
    expect(headers.get(`ratelimit-${name}`)).toMatch(/^\d+$/);
}

const namesOf = (group: string) =>
  ['user', 'ip', 'tenant', 'global'].map((layer) => `${layer}-${group}`);

const isGateways = ({ headers }: Answer): boolean => !headers.has('x-request-id');

/** As long as the answer says, and not a moment less. */
const waitFor = ({ headers }: Answer) =>
  new Promise((resolve) => setTimeout(resolve, Number(headers.get('retry-after')) * 1_000));

/** It is refused before anything is read or written, so that a flood of it costs little. */
const badOrder = (send: Send) => () => send('POST', '/orders', { body: {} });

/** As well, and ten tokens each: an engine that answers five a second is fast enough to be flooded. */
const dearCall = (send: Send) => () => send('GET', '/reports/sales');

describe('an answer', () => {
  it('says where its caller stands, whether there is something or not', async () => {
    const send = await callerAs({ user: somebody() });
    const list = await send('GET', '/orders');
    expect(list.status).toBe(200);
    expectStanding(list, namesOf('read'));
    const missing = await send('GET', `/orders/${crypto.randomUUID()}`);
    expect([400, 404]).toContain(missing.status);
    expectStanding(missing, namesOf('read'));
    const bad = await badOrder(send)();
    expect(bad.status).toBe(400);
    expectStanding(bad, namesOf('write'));
  });

  it.each([
    ['priority', { 'x-priority': 'urgent' }, 400, namesOf('write')],
    ['role', {}, 403, namesOf('write')],
    ['deadline', { 'x-deadline-ms': 'soon' }, 400, ['ip-anonymous-write']],
    ['content type', { 'content-type': 'text/plain' }, 415, ['ip-anonymous-write']],
    ['size of its headers', { 'x-filler': 'x'.repeat(9_000) }, 431, ['ip-anonymous-write']],
  ])('to a call with a wrong %s says it as well', async (what, headers, status, names) => {
    const send = await callerAs({ user: somebody() });
    const path = what === 'role' ? '/items/book' : '/orders';
    const answer = await send(what === 'role' ? 'PUT' : 'POST', path, { body: {}, headers });
    expect(answer.status).toBe(status);
    expectStanding(answer, names);
  });

  it('of a route without limits says nothing of them', async () => {
    const send = await callerAs();
    expect((await send('GET', '/health')).headers.has('ratelimit-policy')).toBe(false);
  });
});

describe('a user who sends too much', () => {
  it('is refused, and passes again after as long as it was told; others of the tenant do not notice', async () => {
    const send = dearCall(await callerAs({ user: somebody() }));
    const { found: refused } = await floodUntil(isRefusedByLimits, send);
    expect(refused.body).toMatchObject({
      type: problemPath('rate-limited'),
      'violated-policies': ['user-read'],
    });
    expectStanding(refused, namesOf('read'));
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);

    const other = dearCall(await callerAs({ user: somebody() }));
    expect((await other()).status).toBe(403);

    await waitFor(refused);
    expect((await send()).status).toBe(403);
  });
});

describe('a flood of bad tokens', () => {
  it('is told to wait, and of the token again after as long as it was told', async () => {
    // The local engine takes it for the address, as its gateway stands for a proxy; AWS does not.
    const headers = { authorization: 'Bearer a.b.c', 'x-forwarded-for': '203.0.113.7' };
    const caller = await callerAs();
    const send = () => caller('GET', '/orders', { headers });
    const { answers, found: refused } = await floodUntil(isRefused, send);
    expect(refused.body).toMatchObject({
      type: problemPath('rate-limited'),
      'violated-policies': ['ip-anonymous-read'],
    });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    await waitFor(refused);
    expect((await send()).status).toBe(401);
  });
});

/** What refuses forty calls of a tenant of the free plan. */
async function refusals() {
  const send = badOrder(await callerAs({ tenant: 'initech', user: somebody() }));
  const answers: Answer[] = [];
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let times = 0; times < 8; times++) answers.push(await send());
    }),
  );
  for (const { status } of answers) expect([400, 429]).toContain(status);
  return {
    gateways: answers.filter((answer) => isRefused(answer) && isGateways(answer)),
    ours: answers.filter(isRefusedByLimits),
  };
}

function expectRefusal({ headers, body }: Answer): void {
  expect(body).toMatchObject({ type: problemPath('rate-limited'), status: 429 });
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(headers.get('cache-control')).toBe('no-store');
}

describe('a tenant of the free plan', () => {
  it('is refused by the service, which says how it stands', async () => {
    const { ours } = await refusals();
    expect(ours.length).toBeGreaterThan(0);
    for (const answer of ours) {
      expectRefusal(answer);
      expectStanding(answer, namesOf('write'));
      expect(answer.body['violated-policies']).toEqual(['tenant-write']);
    }
  });

  it('is refused by the gateway as well, and can tell that it was the gateway', async (context) => {
    await needs(context, 'plan-rate');
    const { gateways } = await refusals();
    expect(gateways.length).toBeGreaterThan(0);
    for (const answer of gateways) {
      expectRefusal(answer);
      expect(answer.headers.has('ratelimit-policy')).toBe(false);
      expect(answer.body).not.toHaveProperty('violated-policies');
    }
  });

  it('is refused by the gateway without its key', async (context) => {
    await needs(context, 'gateway-response');
    const send = await callerAs({ tenant: 'initech' });
    const answer = await send('GET', '/orders', { headers: { 'x-api-key': undefined } });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ type: problemPath('api-key-invalid') });
    expect(answer.headers.has('ratelimit-policy')).toBe(false);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
