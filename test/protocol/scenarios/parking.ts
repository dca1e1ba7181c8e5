/** The parker of a dead-letter queue: a letter that comes to two of them, and comes again. */
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';
import { sortedTexts } from './requests.ts';

const table = 'parked';
const maxReceives = 3;

export const parking: Scenario = {
  name: 'worker, a dead letter that comes to two parkers',
  frozenMs: 60_000,
  async start({ store, subject, clock }) {
    let isAcknowledged = false;
    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });
    const arrival = {
      queue: 'orders',
      id: 'm1',
      messageId: 'm1',
      cause: 'poison',
      body: '{}',
      replays: 0,
    };

    async function parkUntilGone(self: Self): Promise<void> {
      const park = subject.parker({ store: self.store, table, retainMs: 1e9, now: self.now });
      for (let receives = 0; receives < maxReceives && !isAcknowledged; receives++) {
        const isParked = await park(arrival).then(
          () => true,
          () => false,
        );
        if (!isParked) continue;
        const acknowledge = () => {
          isAcknowledged = true;
          if (store.items(table).length === 0)
            breaks('a message gone without effect, dead letter or parked entry', self.name);
        };
        const faults = ['lose-request', 'lose-answer'] as const;
        const call = { verb: 'acknowledge', what: 'acknowledges the letter', faults };
        await self.step(call, acknowledge).catch(() => {});
      }
    }

    function audit(): readonly Violation[] {
      const [letter, second] = store.items(table);
      if (second || Number(letter?.['parkings'] ?? 1) > 1)
        breaks('a letter parked twice', JSON.stringify(letter));
      return broken;
    }
    return {
      actors: ['P1', 'P2'].map((name): ActorSpec => ({ name, act: parkUntilGone, restarts: true })),
      async epilogue(self) {
        await parkUntilGone(self);
        if (!isAcknowledged) breaks('a message without end', 'm1');
      },
      afterStep: audit,
      audit,
      state: () => [sortedTexts(store.items(table)), isAcknowledged, clock.nowMs],
    };
  },
};
