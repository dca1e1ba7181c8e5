/** Secrets are rotated under the feet of functions that run, and nobody who was let in is turned away. */
import { describe, expect, it, vi } from 'vitest';
import { logGroupName } from '#functions/tables/names.ts';
import type { RotatedSecretName } from '#functions/tables/secrets.ts';
import { readLine } from '#ops/log-line.ts';
import { logsOf } from '#ops/log-reader.ts';
import { secretDesk } from '#ops/secret-desk.ts';
import { secretsCommand } from '#ops/secrets.ts';
import type { Said } from '#ops/stage-options.ts';
import { callerAs, type Send, tokenOf } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { needs } from './support/needs.ts';
import { stage } from './support/stage.ts';

const suiteBeganMs = Date.now();
const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };

/** Each of a function of its own, which no other file has look for unknown keys. */
const routes = ['/items/book', '/accounts/0197a000-0000-7000-8000-00000000a001'] as const;
const served = [200, 200];
const refused = [401, 401];

const desk = secretDesk(stage);

/** An environment looks for a key once in ten seconds: those that a run just before this had look, may again. */
const quiet = (): Promise<void> =>
  eventually(async () => {
    const { rotatedAtMs = 0 } = await desk.state('token-signing');
    expect(Date.now() - rotatedAtMs).toBeGreaterThan(40_000);
  }, 50_000);

/** As an operator has it rotated. @returns the id of the new version. */
async function rotate(name: RotatedSecretName): Promise<string> {
  const said: Said[] = [];
  const code = await secretsCommand(
    { order: 'rotate', name, withinMs: 30_000, again: true, dryRun: false },
    { desk, tell: (line) => void said.push(line) },
  );
  expect({ code, said: said.at(-1)?.facts }).toMatchObject({ code: 0, said: { rotated: true } });
  return String(said.at(-1)?.facts?.['current']);
}

const kidOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

const statusOf = async (send: Send, path: string, token: string): Promise<number> => {
  const { status } = await send('GET', path, { headers: { authorization: `Bearer ${token}` } });
  return status;
};

const statusesOf = (send: Send, token: string): Promise<number[]> =>
  Promise.all(routes.map((path) => statusOf(send, path, token)));

/** What the function did with a version, step by step. */
async function stepsOf(version: string): Promise<readonly unknown[]> {
  const group = logGroupName(stage, 'secret-rotate');
  const events = await logsOf(stage).logs.read({ group, sinceMs: suiteBeganMs });
  return events
    .flatMap((event) => readLine('secret-rotate', event) ?? [])
    .filter(
      ({ message, fields }) => message === 'rotation step done' && fields['version'] === version,
    )
    .map(({ fields }) => [fields['step'], fields['did']]);
}

/** Once a second, so that the caller's own limits are not what answers. */
const patiently = <T>(assert: () => Promise<T>): Promise<T> =>
  vi.waitFor(assert, { timeout: 30_000, interval: 1_000 });

describe('the rotation of the secret that signs tokens', { timeout: 120_000 }, () => {
  it('takes four steps, and turns no token away, neither an old one nor a new one', async (context) => {
    await needs(context, 'rotation');
    await quiet();
    const send = await callerAs();
    const before = await tokenOf({});
    expect(await statusesOf(send, before)).toEqual(served);

    const version = await rotate('token-signing');
    const after = await tokenOf({});
    expect([kidOf(after), kidOf(before) === version]).toEqual([version, false]);
    // The functions run on, and have heard of nothing: they look for the new key at its first token.
    expect(await statusesOf(send, after)).toEqual(served);
    expect(await statusesOf(send, before)).toEqual(served);
    await eventually(async () =>
      expect(await stepsOf(version)).toEqual([
        ['createSecret', 'made'],
        ['setSecret', 'nothing'],
        ['testSecret', 'tested'],
        ['finishSecret', 'promoted'],
      ]),
    );
  });

  it('done twice, turns away what the first key has signed, wherever the newest is known', async (context) => {
    await needs(context, 'rotation');
    const send = await callerAs();
    const first = await tokenOf({});
    await rotate('token-signing');
    const second = await tokenOf({});
    await rotate('token-signing');
    const third = await tokenOf({});
    expect(new Set([first, second, third].map(kidOf)).size).toBe(3);
    // An environment looks for keys that it does not know once in ten seconds, and answers 503 meanwhile.
    await patiently(async () => expect(await statusesOf(send, third)).toEqual(served));
    await patiently(async () => expect(await statusesOf(send, first)).toEqual(refused));
    expect(await statusesOf(send, second)).toEqual(served);
  });
});

describe('the rotation of the secret that seals cursors', { timeout: 60_000 }, () => {
  it('lets a list go on that was begun before it', async (context) => {
    await needs(context, 'rotation');
    const user = `cursors-${crypto.randomUUID().slice(0, 8)}`;
    const send = await callerAs({ user });
    const made = [];
    for (let i = 0; i < 2; i++)
      made.push((await send<{ id: string }>('POST', '/orders', { body: order })).body.id);
    type Page = { readonly orders: readonly { readonly id: string }[]; readonly next?: string };
    const begun = await send<Page>('GET', '/orders?limit=1');
    await rotate('list-cursors');
    const rest = await send<Page>('GET', `/orders?limit=1&cursor=${begun.body.next}`);
    const listed = [begun, rest].flatMap(({ body }) => body.orders.map(({ id }) => id));
    expect(listed.toSorted()).toEqual(made.toSorted());
  });
});
