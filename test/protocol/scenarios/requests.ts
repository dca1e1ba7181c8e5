/**
 * Clients of a unit of work who keep asking under their key until they have an answer, and an
 * auditor who has seen every answer and every effect.
 */
import type { Decision, Outcome, UnitRequest } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Address, Item, Value, Write } from '#shared/state/items.ts';
import type { ActorSpec } from '../scheduler/execute.ts';
import type { Self, Stage } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';

export const domain = (name: string): Address => ({ table: 'domain', key: { pk: name } });

export type Answer = { readonly [name: string]: Value };

export interface Asking {
  readonly key: string;
  /** What is asked for: the same key with another payload is another request. */
  readonly payload: string;
  readonly peek?: boolean;
  /** The use case. `effect` is the write that shows that it happened, for this very run. */
  readonly decide: (
    reader: UnitReader,
    effect: (answer: Answer) => Write,
    self: Self,
  ) => Promise<Decision<Answer, string>>;
  /** Leased: asks the outside first, and `decide` is told nothing of it. */
  readonly outside?: Outside;
  /** Compact: where the entity that carries the record stands. */
  readonly entityAt?: Address;
  readonly rebuild?: (reader: UnitReader) => Promise<Value>;
}

/** What is asked outside, where the same key is always answered alike. */
export interface Outside {
  readonly accepts: boolean;
}

interface Answered {
  readonly asking: Asking;
  readonly by: string;
  readonly how: 'committed' | 'replayed' | 'refused';
  readonly answer?: Answer;
}

export const hourMs = 3_600_000;
export const requestMs = 30_000;
const holdMs = 20_000;
/** A client of a leased unit waits for the lease of another at most once. */
const maxAsks = 2;

/** An effect as the store keeps it: whose, for what, and with which answer. */
const kind = 'effect';

export function requests(stage: Stage) {
  const { store, subject } = stage;
  const answered: Answered[] = [];
  const broken: Violation[] = [];
  const records = new Map<string, Item>();
  /** How often each actor has asked, so that each asking has a name. */
  const asks = new Map<string, number>();
  /** By key: under which keys the outside has done it. */
  const charged = new Map<string, ReadonlySet<string>>();
  /** Who was told that nothing was written, and how. */
  const promised = new Map<string, string>();
  /** Who read when the effect of its key stood already. */
  const saw = new Set<string>();

  const effects = (): readonly Item[] =>
    store
      .items('domain')
      .flatMap((item) => [item, ...(isItem(item['effect']) ? [item['effect']] : [])])
      .filter((item) => item['kind'] === kind);
  const effectsOf = (key: string) => effects().filter((effect) => effect['of'] === key);
  const breaks = (never: string, because: string) => void broken.push({ never, because });

  async function ask(self: Self, asking: Asking): Promise<boolean> {
    const { key, payload, peek = false, decide } = asking;
    const by = `${self.name}/${(asks.get(self.name) ?? 0) + 1}`;
    asks.set(self.name, (asks.get(self.name) ?? 0) + 1);
    const looking =
      (read: UnitReader['read']): UnitReader['read'] =>
      async (at) => {
        const item = await read(at);
        if (effectsOf(key).length > 0) saw.add(by);
        return item;
      };
    const effect = (answer: Answer): Write => ({
      put: { kind, of: key, payload, by, answer, version: 1 },
      at: domain(`effect/${self.newId()}`),
      when: { absent: true },
    });
    const parts = {
      store: self.store,
      recordsTable: 'state',
      now: self.now,
      random: self.random,
      newId: self.newId,
      sleep: self.sleep,
    };
    const unit = subject.unitOfWork(parts);
    const deadline = self.deadline(requestMs);
    const named = { key, fingerprint: `${key} ${payload}`, subject: 'scenario' };
    const request: UnitRequest = {
      ...named,
      peek,
      deadline,
      ...(asking.rebuild && { rebuild: asking.rebuild }),
      ...(asking.entityAt ? { entityAt: asking.entityAt } : { retainMs: hourMs }),
    };
    const listened = ({ read, look }: UnitReader): UnitReader => ({
      read: looking(read),
      look: looking(look),
    });
    const run = (): Promise<Outcome<Answer, string>> => {
      if (!asking.outside)
        return unit.run<Answer, string>(request, (reader) =>
          decide(listened(reader), effect, self),
        );
      const { accepts } = asking.outside;
      return subject.leasedUnitOfWork(parts).run<string, Answer, string>(
        { ...named, peek, deadline, retainMs: hourMs, holdMs },
        {
          effect: ({ key: outsideKey }) => outside(self, key, outsideKey, accepts),
          async decide(_, reader) {
            const decision = await decide(listened(reader), effect, self);
            if ('refused' in decision) throw new Error('what was done outside is not refused');
            return decision;
          },
        },
      );
    };
    const own = () => effects().filter((each) => each['by'] === by);
    try {
      const outcome = await run();
      answered.push({
        asking,
        by,
        how: outcome.how,
        ...('answer' in outcome && { answer: outcome.answer }),
      });
      if (outcome.how === 'refused') {
        promised.set(by, 'refused');
        if (saw.has(by))
          breaks(
            'a refusal for a request that was carried out',
            `${by} is refused, although the effect of ${key} stood when it last read`,
          );
      } else if (own().length === 0 && effectsOf(key).length === 0)
        breaks('a 2xx without a commit', `${by} hears ${outcome.how}, and nothing was done`);
      return true;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      if (name === 'ContentionError' || name === 'DeadlineExceededError') promised.set(by, name);
      if (name === 'KeyReusedError') return true;
      if (!retried.includes(name)) throw error;
      if (error instanceof Error && 'retryAfterMs' in error)
        await self.sleep(Number(error.retryAfterMs));
      return false;
    }
  }

  /** The recipient of outside effects: it honours the key that it is asked under. */
  const outside = (
    self: Self,
    of: string,
    key: string,
    accepts: boolean,
  ): Promise<{ readonly done: string } | { readonly refused: string }> =>
    self.step(
      {
        verb: 'ask',
        what: `asks the outside under ${key.slice(0, 8)}`,
        faults: ['lose-request', 'lose-answer', 'arrive-late'],
      },
      () => {
        if (!accepts) return { refused: 'declined' };
        charged.set(of, new Set([...(charged.get(of) ?? []), key]));
        return { done: 'charged' };
      },
    );
  async function askUntilAnswered(self: Self, asking: Asking): Promise<boolean> {
    for (let nth = 1; nth <= maxAsks; nth++) if (await ask(self, asking)) return true;
    return false;
  }

  /** A record that is alive stays as it is; and nobody was promised what then happened. */
  function afterStep(by: string): readonly Violation[] {
    for (const [key, before] of records) {
      const now = store.items('state').find(({ pk }) => pk === key);
      if (JSON.stringify(now) === JSON.stringify(before)) continue;
      const did = `${by} ${now ? 'overwrote' : 'deleted'} the record of ${key}`;
      if (before['status'] === undefined) {
        if (Number(before['expiresAtMs']) > stage.clock.nowMs)
          breaks('a late owner overwriting or deleting the record of another', did);
      } else if (before['status'] === 'running' && !isOf(before['owner'], by))
        if (Number(before['leaseUntilMs']) > stage.clock.nowMs)
          breaks(
            "a refused duplicate freeing a running owner's lease",
            `${did}, which ${String(before['owner'])} holds`,
          );
    }
    for (const [key, outsideKeys] of charged)
      if (outsideKeys.size > 1) breaks('two effects for one key', `${key}, outside`);
    records.clear();
    for (const item of store.items('state')) records.set(String(item['pk']), item);
    for (const { of, by: maker } of effects()) {
      const promise = promised.get(String(maker));
      if (promise)
        breaks(
          'a refusal, or "nothing was written", after an uncertain send',
          `${String(maker)} was told ${promise}, and its write of ${String(of)} arrived`,
        );
    }
    const counts = Map.groupBy(effects(), (effect) => String(effect['of']));
    for (const [key, each] of counts)
      if (each.length > 1)
        breaks('two effects for one key', `${key}: ${each.map(({ by }) => by).join(' and ')}`);
    return broken;
  }

  function audit(): readonly Violation[] {
    afterStep('the audit');
    for (const { asking, by, how, answer } of answered) {
      if (how === 'refused') continue;
      const [effect] = effectsOf(asking.key);
      if (effect?.['payload'] !== asking.payload)
        breaks(
          'an answer to another payload',
          `${by} asked for ${asking.payload} and hears ${how}`,
        );
      else if (JSON.stringify(effect['answer']) !== JSON.stringify(answer))
        breaks(
          'a replay that differs from the first answer',
          `${by} hears ${JSON.stringify(answer)}, the first was ${JSON.stringify(effect['answer'])}`,
        );
    }
    return broken;
  }

  return {
    client: (name: string, asking: Asking): ActorSpec => ({
      name,
      async act(self) {
        await askUntilAnswered(self, asking);
      },
    }),
    /** Everybody once more, in turn and undisturbed: then all of them must have been answered. */
    epilogue: (askings: readonly Asking[]) => async (self: Self) => {
      for (const asking of askings)
        if (!(await askUntilAnswered(self, asking)))
          breaks('an answer never given', `${asking.key} is not answered, although all is quiet`);
    },
    afterStep,
    audit,
    breaks,
    answered,
    effects,
    state: () => [
      ['domain', 'state'].map((table) => sortedTexts(store.items(table))),
      [...promised],
      [...saw].sort(),
      [...charged].map(([of, keys]) => [of, [...keys].sort()]),
      answered.map(({ by, how }) => `${by} ${how}`).sort(),
    ],
  };
}

/** An owner is named after the actor. */
const isOf = (owner: Value | undefined, by: string): boolean => String(owner).startsWith(`${by}-`);

const retried = [
  'InProgressError',
  'OutcomeUnknownError',
  'ContentionError',
  'DeadlineExceededError',
  'TimeoutError',
];

export const sortedTexts = (items: readonly Item[]): readonly string[] =>
  items.map((item) => JSON.stringify(item)).sort();

const isItem = (value: Value | undefined): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
