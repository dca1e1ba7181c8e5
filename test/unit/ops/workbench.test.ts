/** The operator's commands over stores in memory. */
import { describe, expect, it } from 'vitest';
import { carryOut } from '#ops/dlq.ts';
import { readDlqOptions } from '#ops/dlq-options.ts';
import { outboxDepth, waitForRest } from '#ops/drain.ts';
import type { Intake } from '#ops/intake.ts';
import { ops } from '#ops/ops.ts';
import { replayOutbox } from '#ops/outbox.ts';
import { readOutboxOptions } from '#ops/outbox-options.ts';
import { progressBar } from '#ops/progress-bar.ts';
import { drainOrResume, readQueuesOptions } from '#ops/queues.ts';
import type { Said } from '#ops/stage-options.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { eventWrite, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import { parker } from '#shared/parking/parker.ts';
import { readReplay, replayAddress, replayWrite } from '#shared/parking/replay.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const words = (text: string) => text.split(' ').filter(Boolean);
const startMs = Date.UTC(2026, 0, 1, 12);
const dayMs = 86_400_000;

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

describe('every command', () => {
  it.each([
    ['dlq nothing', "there is no 'dlq nothing'"],
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
    ['queues', 'drain'],
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
    expect(said).toMatchObject([{ facts: { queue: 'order:process', count: 2 } }]);
    await dlq('list order-process --cause order-missing');
    expect(JSON.stringify(said)).not.toContain('secret');
    expect(said.slice(1).map(({ facts }) => facts['id'])).toEqual(ids);
    expect(await dlq(`show order:process ${ids[0]}`)).toBe(0);
    expect(said.at(-1)?.text).toContain('secret');
    expect(await dlq('show order:process nobody')).toBe(1);
  });

  it('replays through the stage’s own worker: the replay and its event in one transaction', async () => {
    const { dlq, said, store, ids } = await given();
    const now = () => startMs + 1;
    /** Stands for the worker: it ends the replay while the command waits. */
    async function sleep() {
      const [event = {}] = store.items('outbox');
      const { replayId } = event['data'] as { replayId: string };
      const at = replayAddress('parked', 'order:process', replayId);
      const replay = readReplay(await store.read(at), now());
      if (!replay) throw new Error('no replay');
      const progress = { ...replay.progress, matched: 2, replayed: 1, failed: 1 };
      await store.write(replayWrite('parked', { ...replay, state: 'done', progress }));
    }
    expect(await dlq(`replay order:process ${ids.join(' ')} --rate 5`, { sleep })).toBe(1);
    expect(said.at(-1)?.text).toBe('replay done: 1 of 2, 0 skipped, 1 failed');
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
    const { dlq, store, ids } = await given();
    expect(await dlq(`discard order:process ${ids[0]} --reason wrong --by jo`)).toBe(0);
    expect(store.items('parked').find(({ sk }) => String(sk).endsWith(ids[0] ?? ''))).toMatchObject(
      {
        state: 'discarded',
        discarded: { by: 'jo', reason: 'wrong' },
      },
    );
    expect(await dlq('discard order:process nobody --reason wrong')).toBe(1);
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

  it('only counts on a dry run, also by aggregate', async () => {
    const store = await stored(10);
    const queues = memoryQueue();
    const { said, tell } = listening();
    const text = 'replay --aggregate order/0 --from 2026-01-01T11:00Z --dry-run';
    await replayOutbox(readOutboxOptions(words(text), startMs + 1_000), { store, queues, tell });
    expect(said.at(-1)?.facts).toEqual({ events: 5, dryRun: true });
    expect(queues.taken('order:process')).toEqual([]);
  });
});

describe('queues drain', () => {
  function gateway() {
    const methods = ['POST /orders', 'DELETE /orders/{id}'];
    let open: readonly string[] = methods;
    const intake: Intake = {
      open: async () => open,
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
    const parts = { intake, tell, look: async () => ({ outbox: looks.shift() ?? 9 }), sleep };
    expect(await drainOrResume(readQueuesOptions(['drain']), parts)).toBe(0);
    expect(looks).toEqual([]);
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

  it('counts the events that are in no ledger', async () => {
    const store = memoryStore();
    const id = uuidV7({ now: () => startMs });
    const fields = { type: 'a', tenant: 't', aggregate: 'a/1', seq: 1, data: {} } as const;
    const event = { ...fields, id, occurredAtMs: startMs, traceparent: '', correlationId: '' };
    await store.write(eventWrite(event, { table: 'outbox', retainMs: dayMs }));
    expect(await outboxDepth(store, startMs + 1)).toBe(1);
    const bucket = Math.floor(startMs / 600_000);
    const ledger = { id: uuidV7(), bucket, sent: [id], parked: [], by: 'relay' } as const;
    await store.write(ledgerWrite('outbox', { ...ledger, expiresAtMs: startMs + dayMs }));
    expect(await outboxDepth(store, startMs + 1)).toBe(0);
  });

  it('looks once more after the time is up at the latest', async () => {
    expect(await waitForRest({ look: async () => ({ a: 1 }), withinMs: 0, sleep })).toEqual({
      a: 1,
    });
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
