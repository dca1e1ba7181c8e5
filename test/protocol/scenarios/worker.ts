/** Workers of one queue: messages that come again, at any moment, to anybody. */
import type { Message } from '#shared/worker/message.ts';
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';
import { domain, requestMs, sortedTexts } from './requests.ts';

const queue = 'orders';
const deadLetterQueue = 'orders-dlq';
/** Longer than a message is hidden from others. */
const frozenMs = 60_000;
const hiddenMs = 30_001;
const dayMs = 86_400_000;

interface Posted {
  readonly id: string;
  /** What its consumer makes of it. */
  readonly kind: 'good' | 'poison' | 'failing';
  readonly aggregate: string;
  readonly seq: number;
}

export interface Workers {
  readonly name: string;
  readonly messages: readonly Posted[];
  readonly workers: number;
  /** Messages of one receive; default all that are visible. */
  readonly batch?: number;
}

export const workers = ({
  name,
  messages,
  workers: count,
  batch: most = Number.POSITIVE_INFINITY,
}: Workers): Scenario => ({
  name,
  frozenMs,
  async start({ store, queue: queues, subject, clock, hiddenUntil }) {
    await queues.send(
      queue,
      messages.map(({ id, ...event }) => ({
        id,
        body: JSON.stringify({ id, ...event }),
        attributes: {},
      })),
    );
    const receives = new Map<string, number>();
    const acknowledged = new Set<string>();
    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });
    const effectsOf = (id: string) => store.items('domain').filter(({ of }) => of === id);
    const hasLetter = (id: string) =>
      queues.taken(deadLetterQueue).some((letter) => letter.id === id);

    async function receive(): Promise<readonly Message[]> {
      const visible = queues.receive(queue).filter(({ id }) => !acknowledged.has(id));
      for (const { receiptHandle } of visible.slice(most)) {
        hiddenUntil.set(receiptHandle, clock.nowMs);
        await queues.hide(queue, receiptHandle, 0);
      }
      return visible.slice(0, most).map((received) => {
        hiddenUntil.set(received.receiptHandle, clock.nowMs + hiddenMs - 1);
        const attempt = (receives.get(received.id) ?? 0) + 1;
        receives.set(received.id, attempt);
        return { ...received, attempt };
      });
    }

    function acknowledge(by: string, ids: readonly string[]): void {
      for (const id of ids) {
        acknowledged.add(id);
        if (effectsOf(id).length === 0 && !hasLetter(id))
          breaks('a message gone without effect or dead letter', `${by} acknowledged ${id}`);
      }
    }

    /** What the event leads to, once: the newest event of an aggregate wins. */
    async function consume(self: Self, { body, attempt }: Message): Promise<void> {
      const { id, kind, aggregate, seq } = JSON.parse(body) as Posted;
      const unit = subject.unitOfWork({
        store: self.store,
        recordsTable: 'state',
        now: self.now,
        random: self.random,
        newId: self.newId,
        sleep: self.sleep,
      });
      const key = subject.unitKey('inbox', queue, id);
      const request = {
        key,
        fingerprint: body,
        retainMs: dayMs,
        peek: attempt > 1,
        deadline: self.deadline(requestMs),
        subject: queue,
      };
      await unit.run(request, async ({ look }) => {
        if (kind === 'poison') throw new subject.PermanentFault('poison');
        if (kind === 'failing') throw new Error('a dependency is down');
        const at = domain(aggregate);
        const kept = await look(at);
        const write = subject.keepNewest({ at, kept, seq, put: { value: id } });
        return {
          answer: { isStale: write === undefined },
          writes: [
            ...(write ? [write] : []),
            { put: { of: id, by: self.name }, at: domain(`effect/${self.newId()}`) },
          ],
        };
      });
    }

    const working = async (self: Self): Promise<void> => {
      const work = subject.worker({
        visibility: self.queue,
        deadLetters: { send: (_, letters) => self.queue.send(deadLetterQueue, letters) },
        queue,
        consumer: 'scenario',
        marginMs: 1_000,
        maxAttempts: 2,
        baseDelayMs: 1_000,
        maxDelayMs: 10_000,
        random: self.random,
      });
      for (let polls = 0; polls < 4 && acknowledged.size < messages.length; polls++) {
        const batch = await self.step({ verb: 'receive', what: 'receives', faults: [] }, receive);
        if (batch.length === 0) await self.sleep(hiddenMs);
        const ended: string[] = [];
        for (const message of batch) {
          const { acknowledge } = await work(message, {
            remainingMs: 20_000,
            handle: () => consume(self, message),
          });
          if (acknowledge) ended.push(message.id);
        }
        if (ended.length === 0) continue;
        await self
          .step(
            {
              verb: 'acknowledge',
              what: `acknowledges ${ended.join(', ')}`,
              faults: ['lose-request', 'lose-answer'],
            },
            () => acknowledge(self.name, ended),
          )
          .catch(() => {});
      }
    };

    const newest = new Map<string, number>();
    function afterStep(by: string): readonly Violation[] {
      for (const { id } of messages)
        if (effectsOf(id).length > 1)
          breaks(
            'an effect twice',
            `${id}: ${effectsOf(id)
              .map((effect) => effect['by'])
              .join(' and ')}`,
          );
      for (const { pk, lastSeq } of store.items('domain')) {
        if (typeof lastSeq !== 'number') continue;
        const before = newest.get(String(pk)) ?? 0;
        if (lastSeq < before)
          breaks('an older event overwriting a newer effect', `${by}: ${lastSeq} over ${before}`);
        newest.set(String(pk), lastSeq);
      }
      return broken;
    }

    return {
      actors: Array.from(
        { length: count },
        (_, nth): ActorSpec => ({ name: `W${nth + 1}`, act: working, restarts: true }),
      ),
      async epilogue(self) {
        clock.nowMs += frozenMs;
        await working(self);
      },
      afterStep,
      audit() {
        for (const { id, kind } of messages) {
          if (!acknowledged.has(id)) breaks('a message without end', id);
          if (kind === 'good' && effectsOf(id).length === 0 && !hasLetter(id))
            breaks('a poison message blocking others', `${id} has no effect`);
          if (kind !== 'good' && !hasLetter(id)) breaks('a poison message without a letter', id);
        }
        return afterStep('the audit');
      },
      state: () => [
        ['domain', 'state'].map((table) => sortedTexts(store.items(table))),
        queues.taken(deadLetterQueue).map(({ id }) => id),
        [...receives],
        [...acknowledged],
        [...hiddenUntil].sort(),
      ],
    };
  },
});

export const good = (id: string, aggregate: string, seq = 1): Posted => ({
  id,
  kind: 'good',
  aggregate,
  seq,
});

export const workerScenarios: readonly Scenario[] = [
  workers({ name: 'worker, one message', messages: [good('m1', 'a')], workers: 1 }),
  workers({
    name: 'worker, a message that comes to two workers',
    messages: [good('m1', 'a')],
    workers: 2,
  }),
  workers({
    name: 'worker, poison before a good message',
    messages: [{ id: 'p1', kind: 'poison', aggregate: 'p', seq: 1 }, good('m1', 'a')],
    workers: 1,
  }),
  workers({
    name: 'worker, a message whose work always fails',
    messages: [{ id: 'f1', kind: 'failing', aggregate: 'f', seq: 1 }],
    workers: 1,
  }),
  workers({
    name: 'worker, a newer event before an older one',
    messages: [good('m2', 'a', 2), good('m1', 'a', 1)],
    workers: 1,
  }),
];

export const workerScenariosOfTwo: readonly Scenario[] = [
  workers({
    name: 'worker, two events of one aggregate, one at a time to two workers',
    batch: 1,
    messages: [good('m2', 'a', 2), good('m1', 'a', 1)],
    workers: 2,
  }),
  workers({
    name: 'worker, poison and a good message, and two workers',
    messages: [{ id: 'p1', kind: 'poison', aggregate: 'p', seq: 1 }, good('m1', 'a')],
    workers: 2,
  }),
];
