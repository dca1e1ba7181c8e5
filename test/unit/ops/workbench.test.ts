/** The operator's commands over stores in memory. */
import { describe, expect, it } from 'vitest';
import { contracts } from '#functions/contracts.ts';
import { letterView, replayView, wholeLetterView } from '#functions/domain/letter-view.ts';
import { carryOut } from '#ops/dlq.ts';
import { readDlqOptions } from '#ops/dlq-options.ts';
import type { Intake } from '#ops/intake.ts';
import { ops } from '#ops/ops.ts';
import { replayOutbox } from '#ops/outbox.ts';
import { readOutboxOptions } from '#ops/outbox-options.ts';
import { progressBar } from '#ops/progress-bar.ts';
import { drainOrResume, readQueuesOptions } from '#ops/queues.ts';
import type { Said } from '#ops/stage-options.ts';
import { UsageError } from '#ops/usage-error.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { parker } from '#shared/parking/parker.ts';
import { type Replay, readReplay, replayAddress, replayWrite } from '#shared/parking/replay.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { type MemoryStore, memoryStore } from '#shared/state/memory-store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';

const words = (text: string) => text.split(' ').filter(Boolean);
const startMs = Date.UTC(2026, 0, 1, 12);
const dayMs = 86_400_000;
const manyIds = (count: number) => Array.from({ length: count }, (_, n) => `id${n}`).join(' ');

async function run(text: string) {
  const said: string[] = [];
  const output = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
  const code = await ops(words(text), output, { folder: '/nowhere' });
  return { code, said: said.join('') };
}

function listening() {
  const said: Said[] = [];
  return { said, tell: (line: Said) => void said.push(line) };
}

async function given() {
  const store = memoryStore();
  const park = parker({ store, table: 'parked', retainMs: 30 * dayMs, now: () => startMs });
  const ids = [1, 2].map((n) => uuidV7({ now: () => startMs + n }));
  for (const [n, id] of ids.entries())
    await park({
      ...{ queue: 'order:process', id, messageId: `m${n}`, cause: 'order-missing' },
      ...{ body: '{"secret": true}', replays: 0 },
      event: { id, type: 'order.created', tenant: 'acme', occurredAtMs: startMs },
    });
  const { said, tell } = listening();
  const dlq = (text: string, more: object = {}) =>
    carryOut(readDlqOptions(words(text)), { store, tell, now: () => startMs + 1, ...more });
  return { store, ids, said, dlq };
}

/** Stands for the worker: it ends the last replay while the command waits. */
async function endReplay(store: MemoryStore, fields: Partial<Replay> = {}) {
  const event = store.items('outbox').at(-1) ?? {};
  const { replayId } = event['data'] as { replayId: string };
  const at = replayAddress('parked', 'order:process', replayId);
  const replay = readReplay(await store.read(at), startMs);
  if (!replay) throw new Error('no replay');
  await store.write(replayWrite('parked', { ...replay, ...fields, state: 'done' }));
}

describe('every command', () => {
  it.each([
    ['dlq', 'list, show, replay, follow, discard?'],
    ['dlq nothing', "there is no 'dlq nothing'"],
    ['dlq list --nothing', 'there is no option --nothing'],
    ['dlq list order:process --limit', '--limit needs a value'],
    ['dlq replay order:process --all=3', '--all takes no value'],
    ['dlq list --cause x', "--cause does not belong to 'dlq list (all queues)'"],
    ['dlq list order:process --dry-run', "--dry-run does not belong to 'dlq list'"],
    ['dlq list order:process --from 2026-02-30T09:00Z', '--from must be a time'],
    ['dlq list order:process --cause a --cause b', '--cause is given twice'],
    ['dlq replay order:process --all --limit 1', "--limit does not belong to 'dlq replay'"],
    ['dlq replay order:process --all --edit x', '--edit is for one letter'],
    ['dlq replay order:process a b --edit x', '--edit is for one letter'],
    ['dlq follow order:process a --rate 1', "--rate does not belong to 'dlq follow'"],
    ['dlq discard order:process a --reason ab', '--reason must have 3 to 300 characters'],
    [`dlq discard order:process a --reason ${'x'.repeat(301)}`, '3 to 300 characters'],
    [`dlq replay order:process ${manyIds(101)}`, 'names 100 letters at most'],
    ['dlq show order:process', 'Its id is missing'],
    ['dlq list nowhere', "there is no queue 'nowhere'"],
    ['dlq replay order:process', 'which letters'],
    ['dlq replay order:process a --all', 'which letters'],
    ['dlq replay order:process a --rate 101', '--rate must be a whole number'],
    ['dlq discard order:process a', '--reason is needed'],
    ['dlq list order:process --state gone', '--state must be'],
    ['outbox', 'replay'],
    ['outbox replay', '--from and --to, or --aggregate'],
    ['outbox replay --from 2026-01-01 --to 2026-01-02', 'a time with its zone'],
    ['outbox replay --from 2026-01-02T00:00Z --to 2026-01-01T00:00Z', '--to must be later'],
    ['outbox replay --from 2026-01-01T00:00Z --to 2026-02-01T00:00Z', 'seven days'],
    ['outbox replay --from 2026-02-30T00:00Z --to 2026-03-01T00:00Z', 'a time with its zone'],
    ['outbox replay --aggregate a/1 --from 2999-01-01T00:00Z', '--from is not past yet'],
    ['outbox replay --aggregate a/1 --from 2026-01-01T00:00Z', '--from and now are further apart'],
    ['outbox replay --aggregate a/1 --to 2026-01-01T00:00Z', 'those before --to are gone'],
    ['outbox replay --aggregate a/1 --type order.nothing', "there are no events 'order.nothing'"],
    ['outbox replay --aggregate a/1 --type order.nothing', 'order.created'],
    ['queues', 'drain'],
    ['queues drain --resume --within 5', "--within does not belong to 'queues drain --resume'"],
    ['queues drain --within soon', '--within must be a whole number'],
  ])('ends %s with 2 and what is wrong', async (text, why) => {
    const { code, said } = await run(text);
    expect(code).toBe(2);
    expect(said).toContain(why);
    expect(said).toContain('usage: npm run ops');
  });

  it.each(['dlq list', 'outbox replay --aggregate order/1', 'queues drain'])(
    'ends %s with 3 where no stack runs',
    async (text) => {
      const { code, said } = await run(text);
      expect(code).toBe(3);
      expect(said).toContain('npm start');
    },
  );
});

describe('dlq', () => {
  it('counts by queue and cause, lists without bodies, and shows one with its body', async () => {
    const { dlq, said, ids } = await given();
    await dlq('list');
    const waiting = said.splice(0).filter(({ text }) => text !== undefined);
    expect(waiting).toMatchObject([{ text: expect.stringContaining('order:process  2  order-m') }]);
    await dlq('list order-process --cause order-missing');
    expect(JSON.stringify(said)).not.toContain('secret');
    expect(said.map(({ facts }) => facts?.['id'])).toEqual(ids);
    expect(await dlq(`show order:process ${ids[0]}`)).toBe(0);
    expect(said.at(-1)?.text).toContain('secret');
    expect(await dlq('show order:process nobody')).toBe(1);
  });

  it('says to machines what the routes answer', async () => {
    const { dlq, said, store, ids } = await given();
    const [id = ''] = ids;
    await dlq('list');
    const rows = contracts['summarize-dead-letters'].answer.body.shape.queues;
    expect(rows.parse(said.splice(0).map(({ facts }) => facts))).toContainEqual({
      queue: 'order-process',
      causes: [
        {
          cause: 'order-missing',
          count: 2,
          oldestParkedAt: '2026-01-01T12:00:00.000Z',
          sampleId: id,
        },
      ],
      truncated: false,
    });
    await dlq('list order:process');
    for (const { facts } of said.splice(0)) expect(letterView.parse(facts)).toEqual(facts);
    await dlq(`show order:process ${id}`);
    expect(wholeLetterView.parse(said.pop()?.facts)).toMatchObject({ body: '{"secret": true}' });
    await dlq('replay order:process --all', { sleep: () => endReplay(store) });
    for (const { facts } of said.splice(0))
      expect(replayView.parse(facts)).toMatchObject({ queue: 'order-process' });
    await dlq('replay order:process --all --dry-run');
    const planned = replayView.omit({ id: true }).parse(said.pop()?.facts);
    expect(planned).toMatchObject({ state: 'planned', matched: 2, truncated: false });
    await dlq(`replay order:process ${id} nobody`);
    expect(said.pop()?.facts).toEqual({
      errors: [{ pointer: '/ids/1', detail: 'not-found' }],
    });
    await dlq(`discard order:process ${id} --reason wrong`);
    const discarded = wholeLetterView.parse(said.pop()?.facts);
    expect(discarded).toMatchObject({ state: 'discarded', discarded: { reason: 'wrong' } });
    expect(discarded.body).toBeUndefined();
  });

  it('looks only at the letters of a time', async () => {
    const { dlq, said } = await given();
    const count = async (text: string) => {
      await dlq(`replay order:process --dry-run ${text}`);
      return said.at(-1)?.facts?.['matched'];
    };
    expect(await count('--from 2026-01-01T12:00:00Z')).toBe(2);
    expect(await count('--from 2026-01-01T12:00:01Z')).toBe(0);
    expect(await count('--to 2026-01-01T12:00:00Z')).toBe(0);
    said.splice(0);
    await dlq('list order:process --from 2026-01-01T13:00:00+01:00 --limit 1');
    expect(said[0]?.facts?.['parkedAt']).toBe('2026-01-01T12:00:00.000Z');
    await dlq('list order:process --to 2026-01-01T13:00:00+01:00');
    expect(said.at(-1)?.text).toBe('no letter is parked');
  });

  it('counts a letter that is named twice once', async () => {
    const { dlq, said, ids } = await given();
    await dlq(`replay order:process ${ids[0]} ${ids[0]} --dry-run`);
    expect(said.at(-1)?.facts).toMatchObject({ matched: 1, replayed: 1 });
  });

  it('replays a letter with another body, which its consumer must take', async () => {
    const { dlq, said, store, ids } = await given();
    const [id = ''] = ids;
    const traceparent = toTraceparent(newTrace());
    const mended = (fields: object) =>
      JSON.stringify({
        ...{ id, type: 'order.created', tenant: 'acme', aggregate: 'order/o1', seq: 1 },
        ...{ occurredAtMs: startMs, correlationId: 'c', traceparent },
        data: { orderId: 'o1', userId: 'u1' },
        ...fields,
      });
    const go = (body: string) =>
      dlq(`replay order:process ${id} --edit letter.json`, {
        readText: async (file: string) => (file === 'letter.json' ? `${body}\n` : ''),
        sleep: () => endReplay(store),
      });
    expect(await go(mended({ tenant: 'globex' }))).toBe(1);
    expect(said.at(-1)).toMatchObject({
      text: expect.stringContaining('it must keep tenant of its event'),
      facts: { errors: [{ pointer: '/edit/body' }] },
    });
    await expect(go(' ')).rejects.toThrow(UsageError);
    expect(store.items('outbox')).toEqual([]);
    await go(mended({}));
    const replays = store.items('parked').filter(({ kind }) => kind === 'replay');
    expect(replays).toMatchObject([{ edit: { id, body: mended({}) } }]);
    expect(said.at(-1)?.facts).toMatchObject({ edited: id });
  });

  it('says over which time the messages of a replay arrive', async () => {
    const { dlq, said, store, ids } = await given();
    const done = { matched: 45, replayed: 45, skipped: 0, failed: 0, because: {} };
    const sleep = () => endReplay(store, { progress: done, finishedAtMs: startMs - 1_999 });
    await dlq(`replay order:process ${ids[0]} --rate 1`, { sleep });
    expect(said.at(-1)?.text).toBe(
      'replay done: 45 of 45, 0 skipped, 0 failed; they arrive over the next 28 s',
    );
    const replayId = String(said.at(-1)?.facts?.['id']);
    await dlq(`follow order:process ${replayId}`, { now: () => startMs + 60_000 });
    expect(said.at(-1)?.text).toBe('replay done: 45 of 45, 0 skipped, 0 failed');
  });

  it('replays through the stage’s own worker: the replay and its event in one transaction', async () => {
    const { dlq, said, store, ids } = await given();
    const progress = { matched: 2, replayed: 1, skipped: 0, failed: 1, because: {} };
    const sleep = () => endReplay(store, { progress });
    expect(await dlq(`replay order:process ${ids.join(' ')} --rate 5`, { sleep })).toBe(1);
    expect(said.at(-1)?.text).toBe(
      'replay done: 1 of 2, 0 skipped, 1 failed; they arrive over the next 1 s',
    );
    expect(store.items('outbox')).toMatchObject([
      { type: 'letters.replay-requested', data: { queue: 'order:process', step: 1 } },
    ]);
    expect(await dlq('follow order:process none')).toBe(1);
  });

  it('writes nothing on a dry run, nor when one of the letters cannot be replayed', async () => {
    const { dlq, said, store, ids } = await given();
    const before = store.items('parked');
    expect(await dlq('replay order:process --all --dry-run')).toBe(0);
    expect(said.at(-1)?.text).toBe('would replay 2 of 2, 0 skipped, 0 failed');
    expect(await dlq(`replay order:process ${ids[0]} nobody`)).toBe(1);
    expect(said.at(-2)?.text).toBe('nobody: not-found');
    expect(await dlq(`discard order:process ${ids[0]} --reason wrong --dry-run`)).toBe(0);
    expect(store.items('parked')).toEqual(before);
    expect(store.items('outbox')).toEqual([]);
  });

  it('discards with the reason', async () => {
    const { dlq, said, store, ids } = await given();
    expect(await dlq(`discard order:process ${ids[0]} --reason wrong --by jo`)).toBe(0);
    expect(store.items('parked').find(({ sk }) => String(sk).endsWith(ids[0] ?? ''))).toMatchObject(
      {
        state: 'discarded',
        discarded: { by: 'jo', reason: 'wrong' },
      },
    );
    expect(await dlq('discard order:process nobody --reason wrong')).toBe(1);
    expect(await dlq(`discard order:process ${ids[0]} --reason other --by al`)).toBe(0);
    expect(said.at(-1)).toMatchObject({
      text: `${ids[0]} was discarded before, by jo: wrong. That reason stands`,
      facts: { discarded: { by: 'jo', reason: 'wrong' } },
    });
  });
});

describe('outbox replay', () => {
  async function stored(count: number) {
    const store = memoryStore();
    for (let n = 0; n < count; n++) {
      const occurredAtMs = startMs + n;
      const event = {
        id: uuidV7({ now: () => occurredAtMs }),
        type: n === 3 ? 'order.vanished' : 'order.created',
        tenant: 'acme',
        aggregate: `order/${n % 2}`,
        seq: n + 1,
        occurredAtMs,
        traceparent: '',
        correlationId: 'c',
        data: {},
      };
      await store.write(eventWrite(event, { table: 'outbox', retainMs: 7 * dayMs }));
    }
    return store;
  }

  it('sends what fits at its rate, and counts what has no queue', async () => {
    const store = await stored(25);
    const queues = memoryQueue();
    let nowMs = startMs;
    const { said, tell } = listening();
    const asked = readOutboxOptions(
      words('replay --from 2026-01-01T11:00Z --to 2026-01-01T13:00Z --rate 5'),
      startMs,
    );
    const code = await replayOutbox(asked, {
      ...{ store, queues, tell },
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    });
    expect(code).toBe(1);
    expect(said.at(-1)?.facts).toEqual({ sent: 24, failed: 1 });
    expect(queues.taken('order:process')).toHaveLength(24);
    expect(nowMs - startMs).toBe(4_000);
  });

  it('says how many went when it is interrupted', async () => {
    const store = await stored(25);
    const queues = memoryQueue();
    const { said, tell } = listening();
    let nowMs = startMs;
    const ended = new AbortController();
    const text = 'replay --from 2026-01-01T11:00Z --to 2026-01-01T13:00Z --rate 5';
    const asked = readOutboxOptions(words(text), startMs);
    const code = await replayOutbox(asked, {
      ...{ store, queues, tell, now: () => nowMs, signal: ended.signal },
      sleep: async (ms) => {
        nowMs += ms;
        if (nowMs - startMs >= 1_000) ended.abort();
      },
    });
    expect(code).toBe(130);
    const taken = queues.taken('order:process').length;
    const { sent, failed, unsent } = { ...said.at(-1)?.facts };
    expect([sent, failed]).toEqual([taken, 1]);
    expect(taken + 1 + Number(unsent)).toBe(25);
    expect(unsent).toBeGreaterThan(0);
    const none = { store, queues, tell, signal: AbortSignal.abort() };
    expect(await replayOutbox(asked, none)).toBe(130);
    expect(said.at(-1)?.text).toBe('interrupted: no event was sent');
    expect(queues.taken('order:process')).toHaveLength(taken);
  });

  it('only counts on a dry run, also by aggregate', async () => {
    const store = await stored(10);
    const queues = memoryQueue();
    const { said, tell } = listening();
    const text = 'replay --aggregate order/0 --from 2026-01-01T11:00Z --dry-run';
    await replayOutbox(readOutboxOptions(words(text), startMs + 1_000), { store, queues, tell });
    expect(said.at(-1)?.facts).toEqual({ events: 5, dryRun: true });
    expect(queues.taken('order:process')).toEqual([]);

    const unknown = readOutboxOptions(
      words(text.replace('order/0', 'order/nope')),
      startMs + 1_000,
    );
    expect(await replayOutbox(unknown, { store, queues, tell })).toBe(1);
  });
});

describe('queues drain', () => {
  function gateway() {
    const methods = ['POST /orders', 'DELETE /orders/{id}'];
    let open: readonly string[] = methods;
    const intake: Intake = {
      open: async () => open,
      closed: async () => methods.filter((method) => !open.includes(method)),
      async closeAll() {
        open = [];
      },
      async openAll() {
        open = methods;
      },
    };
    return intake;
  }

  it('closes the intake, waits for three quiet looks, and opens on --resume', async () => {
    const intake = gateway();
    const { said, tell } = listening();
    const looks = [3, 1, 0, 2, 0, 0, 0];
    const look = async () => ({ outbox: looks.shift() ?? 9 });
    const parts = { intake, tell, look, sleep, where: ' --port 4567' };
    expect(await drainOrResume(readQueuesOptions(['drain']), parts)).toBe(0);
    expect(said[0]?.text).toMatch(/queues drain --resume --port 4567$/);
    expect(looks).toEqual([]);
    expect(said.at(-1)?.text).toBe('queues and outbox are empty');
    expect(await intake.open()).toEqual([]);
    await drainOrResume(readQueuesOptions(words('drain --resume')), parts);
    expect(said.at(-1)?.text).toBe('the intake is open: 2 mutating method(s)');
  });

  it('says what is left when the time is up, and stays closed', async () => {
    const intake = gateway();
    const { said, tell } = listening();
    let nowMs = 0;
    const parts = {
      ...{ intake, tell, look: async () => ({ 'order:process': 2, outbox: 0 }) },
      now: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    };
    expect(await drainOrResume(readQueuesOptions(words('drain --within 5')), parts)).toBe(1);
    expect(said.at(-1)?.text).toBe('order:process: 2');
    expect(await intake.open()).toEqual([]);
  });

  it('closes nothing on a dry run', async () => {
    const intake = gateway();
    const { tell } = listening();
    const parts = { intake, tell, look: async () => ({ outbox: 0 }) };
    await drainOrResume(readQueuesOptions(words('drain --dry-run')), parts);
    expect(await intake.open()).toHaveLength(2);
  });

  it('is not at rest after fewer than three quiet looks, and says so', async () => {
    const { said, tell } = listening();
    const parts = { intake: gateway(), tell, look: async () => ({ outbox: 0 }) };
    let nowMs = 0;
    const clock = {
      now: () => nowMs,
      sleep: async () => {
        nowMs += 5_000;
      },
    };
    const asked = readQueuesOptions(words('drain --within 5'));
    expect(await drainOrResume(asked, { ...parts, ...clock })).toBe(1);
    expect(said.at(-1)).toMatchObject({
      text: expect.stringContaining('not at rest: time was up after 2 empty look(s)'),
      facts: { left: 0, emptyLooks: 2 },
    });
  });

  it('names all methods that are closed, also those that were before', async () => {
    const intake = gateway();
    await intake.closeAll();
    const { said, tell } = listening();
    const parts = { intake, tell, look: async () => ({ outbox: 0 }), sleep };
    await drainOrResume(readQueuesOptions(['drain']), parts);
    expect(said[0]?.facts).toEqual({ closed: ['POST /orders', 'DELETE /orders/{id}'] });
  });
});

const sleep = async () => {};

describe('the progress bar', () => {
  it('draws for a terminal, and for nobody else', () => {
    const drawn: string[] = [];
    const stream = (isTTY: boolean) => ({
      isTTY,
      columns: 60,
      write: (text: string) => drawn.push(text),
    });
    const quiet = progressBar({ stream: stream(false) });
    quiet.show(1, 2, 'letters');
    quiet.clear();
    expect(drawn).toEqual([]);
    progressBar({ stream: stream(true) }).show(1, 2, 'letters');
    expect(drawn.join('')).toContain('[############............] 1/2 letters');
  });
});
