/** Leases: holders who die, freeze and wake up, and what they write under their lease. */
import type { Write } from '#shared/state/items.ts';
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self, Stage } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';
import { domain, sortedTexts } from './requests.ts';

const holdMs = 9_000;
const waitMs = 12_000;
const frozenMs = 60_000;
const table = 'lease';
/** Extensions of one holder that are explored; it works no longer. */
const beatsOf: Readonly<Record<string, number>> = { A: 1 };

type Holding = (
  stage: Stage,
  self: Self,
  protectedWrite: (token: number) => Write,
) => Promise<void>;

const leasesOf = ({ subject }: Stage, self: Self) =>
  subject.leases({
    store: self.store,
    table,
    baseDelayMs: 6_000,
    maxDelayMs: 6_000,
    now: self.now,
    random: self.random,
    newId: self.newId,
    sleep: self.sleep,
  });

/** The least that a holder does: takes it, writes under its guard, frees it. */
export const plainly: Holding = async (stage, self, protectedWrite) => {
  const { acquire, guard, release } = leasesOf(stage, self);
  const answer = await acquire('job', { holdMs, waitMs });
  if (!answer.acquired) return;
  const { lease } = answer;
  await self.store.commit({
    token: self.newId(),
    writes: [guard(lease), protectedWrite(lease.token)],
  });
  await release(lease);
};

/** The same as a mutex does it, which extends its lease meanwhile. */
const asMutex: Holding = async (stage, self, protectedWrite) => {
  const { run } = mutexOf(stage, self);
  await run('job', ({ lease, commit }) => commit([protectedWrite(lease.token)]));
};

const asClaim: Holding = async (stage, self, protectedWrite) => {
  const pull = stage.subject.claim({ mutex: mutexOf(stage, self), random: self.random });
  await pull({
    parts: ['job', 'task'],
    hasTime: () => true,
    work: (_, { lease, commit }) => commit([protectedWrite(lease.token)]),
  });
};

function mutexOf(stage: Stage, self: Self) {
  let beats = 0;
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    });
  /** What others do meanwhile may end it. */
  function passing(ms: number, signal: AbortSignal): Promise<void> {
    const pass = () => {
      stage.clock.nowMs += Math.ceil(ms);
    };
    const passed = self.step(
      { verb: 'wait', what: `waits ${Math.ceil(ms)} ms`, faults: [], aside: signal },
      pass,
    );
    return Promise.race([passed, untilAborted(signal)]);
  }
  /** A long sleep is that of the heartbeat, beside the work. */
  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!signal) return self.sleep(ms);
    if (signal.aborted || (ms >= 1_000 && ++beats > (beatsOf[self.name] ?? 0)))
      return untilAborted(signal);
    return passing(ms, signal);
  }
  return stage.subject.mutex({
    maxSends: 3,
    store: self.store,
    leases: leasesOf(stage, self),
    holdMs,
    waitMs,
    now: self.now,
    random: self.random,
    newId: self.newId,
    sleep,
  });
}

export const lease = (name: string, holding: Holding, holders: number): Scenario => ({
  name,
  frozenMs,
  // A heartbeat goes beside the work.
  anyOrder: true,
  async start(stage) {
    const { store } = stage;
    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });
    const tokens = new Map<string, { readonly token: number; readonly owner: unknown }>();
    const written = new Set<string>();
    /** Who was told that nothing was written. */
    const promised = new Set<string>();

    const holder = (actor: string): ActorSpec => ({
      name: actor,
      async act(self) {
        const protectedWrite = (token: number): Write => ({
          put: { by: self.name, token },
          at: domain(`written/${self.newId()}`),
        });
        await holding(stage, self, protectedWrite).catch((error: unknown) => {
          const failure = error instanceof Error ? error.name : 'unknown';
          if (failure === 'LeaseLostError') promised.add(self.name);
          else if (!['TimeoutError', 'AggregateError'].includes(failure)) throw error;
        });
      },
    });

    function afterStep(by: string): readonly Violation[] {
      const held = store.items(table);
      for (const { pk, token, owner } of held) {
        const before = tokens.get(String(pk));
        if (before && Number(token) < before.token)
          breaks('a token that begins anew', `${by}: ${String(token)} after ${before.token}`);
        if (before?.owner && owner && before.owner !== owner && before.token === token)
          breaks('two holders under one token', `${String(before.owner)} and ${String(owner)}`);
        tokens.set(String(pk), { token: Number(token), owner: owner ?? before?.owner });
      }
      if (held.length < tokens.size) breaks('a token that begins anew', `${by} deleted a lease`);
      for (const { pk, by: writer, token } of store.items('domain')) {
        if (promised.has(String(writer)))
          breaks('"nothing was written" by a holder who wrote', String(writer));
        if (written.has(String(pk))) continue;
        written.add(String(pk));
        if (held.every((each) => Number(each['token']) > Number(token)))
          breaks(
            'a protected write by a holder whose lease was taken over',
            `${String(writer)} wrote under token ${String(token)}, and the lease is at ${held.map((each) => each['token']).join(', ')}`,
          );
      }
      return broken;
    }

    return {
      actors: Array.from({ length: holders }, (_, nth) => holder(String.fromCharCode(65 + nth))),
      /** However it went, the key is free again for whoever waits long enough. */
      async epilogue(self) {
        stage.clock.nowMs += holdMs + 1;
        const before = written.size;
        await holder('after').act(self);
        if (store.items('domain').length === before) breaks('a lease that is never free again', '');
      },
      afterStep,
      audit: () => afterStep('the audit'),
      state: () => [
        [table, 'domain'].map((each) => sortedTexts(store.items(each))),
        [...tokens],
        [...promised],
      ],
    };
  },
});

export const leaseScenarios: readonly Scenario[] = [
  lease('lease, two holders', plainly, 2),
  lease('lease, two holders of a mutex, one of whom extends it', asMutex, 2),
];

export const claimScenarios: readonly Scenario[] = [
  lease('lease, two claimants of two parts', asClaim, 2),
];

export const leaseScenariosOfThree: readonly Scenario[] = [
  lease('lease, three holders', plainly, 3),
];
