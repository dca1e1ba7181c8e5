/** One run of a scenario: its actors' calls one at a time, in the order that the choices say. */
import type { Subject } from '../subject.ts';
import type { Call, Fault } from './call.ts';
import type { Choices, Option } from './choices.ts';
import { lost, type Self, type Stage, type Step, stage, textOfHeard } from './stage.ts';
import type { TraceLine, Violation } from './trace.ts';

export interface ActorSpec {
  readonly name: string;
  readonly act: (self: Self) => Promise<void>;
  /** After a crash it acts again, from the beginning. */
  readonly restarts?: boolean;
}

export interface Play {
  readonly actors: readonly ActorSpec[];
  /** When all is quiet: asked last, by somebody to whom nothing happens. */
  readonly epilogue?: (self: Self) => Promise<void>;
  /** What must hold after each step, and who made it. */
  readonly afterStep?: (by: string) => readonly Violation[];
  readonly audit: () => readonly Violation[];
  /** All that the future depends on, besides what the actors heard. */
  readonly state: () => unknown;
}

export interface Scenario {
  readonly name: string;
  /** How far time jumps when an actor freezes: past every lease and deadline. */
  readonly frozenMs: number;
  /** The faults that may strike; absent: all that a call can meet. */
  readonly only?: readonly Fault[];
  /** Calls that an actor has under way together are taken in any order; else in the order it made them. */
  readonly anyOrder?: boolean;
  /** Late calls arrive before the last questions are asked: whoever asks them looks for what came. */
  readonly settles?: boolean;
  readonly start: (stage: Stage) => Promise<Play>;
}

export interface RunOptions {
  readonly subject: Subject;
  readonly choices: Choices;
  /** How many faults may strike. */
  readonly faults: number;
  /** Told of each state in which something is to be chosen; true ends the run. */
  readonly isKnown?: (state: string) => boolean;
}

export interface Ended {
  readonly violations: readonly Violation[];
  readonly lines: readonly TraceLine[];
  /** It came to a state that was seen before. */
  readonly pruned: boolean;
}

/** A run longer than this does not end. */
const maxSteps = 600;

interface Pending {
  readonly call: Call;
  /** Does it, and lets the actor hear of it. */
  readonly perform: (fault: Fault | undefined) => Promise<unknown>;
  readonly hear: (heard: Heard) => void;
}

type Heard = { readonly value: unknown } | { readonly error: unknown };

interface Actor {
  readonly spec: ActorSpec;
  readonly pending: Pending[];
  readonly begins: (() => void)[];
  life: number;
  status: 'running' | 'frozen' | 'ended';
  history: string;
}

interface Choice extends Option {
  readonly actor?: Actor;
  readonly pending?: Pending;
  readonly late?: Late;
  readonly fault?: Fault | undefined;
}

interface Late {
  readonly by: string;
  readonly pending: Pending;
}

export async function execute(
  scenario: Scenario,
  { subject, choices, faults, isKnown }: RunOptions,
): Promise<Ended> {
  const world = stage(subject);
  const play = await scenario.start(world);
  const lines: TraceLine[] = [];
  const lates: Late[] = [];
  let faultsLeft = faults;
  let failure: { readonly error: unknown } | undefined;
  const actors = play.actors.map(newActor);

  function newActor(spec: ActorSpec): Actor {
    return { spec, pending: [], begins: [], life: 1, status: 'running', history: '' };
  }

  function live(actor: Actor): void {
    actor.status = 'running';
    actor.begins.length = 0;
    const { life } = actor;
    const step: Step = (call, perform) =>
      new Promise((resolve, reject) => {
        // A past life reaches nothing any more.
        if (actor.life !== life) return;
        actor.pending.push({
          call,
          perform: async (fault) => perform(fault),
          hear: (heard) => ('error' in heard ? reject(heard.error) : resolve(heard.value as never)),
        });
      });
    const name = nameOf(actor);
    actor.spec.act(world.selfOf(name, life, step, (begin) => actor.begins.push(begin))).then(
      () => {
        if (actor.life === life) actor.status = 'ended';
      },
      (error: unknown) => {
        if (actor.life === life) failure ??= { error };
      },
    );
  }

  const nameOf = ({ spec, life }: Actor): string => spec.name + "'".repeat(life - 1);

  function optionsNow(): readonly Choice[] {
    const running = actors
      .filter((actor) => actor.status === 'running')
      // Going on with the same actor comes first, so that the first runs are the plain ones.
      .sort((a, b) => Number(isLast(b)) - Number(isLast(a)));
    const asked = running.flatMap((actor) =>
      callsOf(actor).map((pending): Choice => ({ actor, pending, isFault: false })),
    );
    const late = lates.map((each): Choice => ({ late: each, isFault: false }));
    const struck = asked.flatMap((choice) =>
      faultsAt(choice).map((fault) => ({ ...choice, fault, isFault: fault !== 'stale' })),
    );
    // Once all are done, a late call may also stay on its way until everybody has asked again.
    const wait: readonly Choice[] =
      running.length === 0 && late.length > 0 && !scenario.settles ? [{ isFault: false }] : [];
    return [...asked, ...late, ...wait, ...struck];
  }

  const isLast = (actor: Actor): boolean => lines.at(-1)?.actor === nameOf(actor);

  /** The first of those that come one after the other, and those beside them. */
  function callsOf({ pending }: Actor): readonly Pending[] {
    const first = pending.find(({ call }) => !call.aside);
    return pending.filter(
      (each) =>
        !each.call.aside?.aborted && (scenario.anyOrder || each === first || each.call.aside),
    );
  }

  function faultsAt({ pending, actor }: Choice): readonly Fault[] {
    const own = pending?.call.faults ?? [];
    const free = own.filter((fault) => fault === 'stale');
    if (faultsLeft === 0) return free;
    const all: readonly Fault[] = [...own, 'crash', 'freeze'];
    return all.filter(
      (fault) =>
        (scenario.only?.includes(fault) ?? true) &&
        (fault !== 'freeze' ||
          actors.some((other) => other !== actor && other.status === 'running')),
    );
  }

  async function take(
    actor: Actor,
    pending: Pending | undefined,
    fault: Fault | undefined,
  ): Promise<void> {
    if (!pending) throw new Error(`${nameOf(actor)} asks for nothing`);
    if (fault && fault !== 'stale') faultsLeft -= 1;
    const name = nameOf(actor);
    const { what } = pending.call;
    if (fault === 'freeze') {
      actor.status = 'frozen';
      world.clock.nowMs += scenario.frozenMs;
      note(actor, {
        actor: name,
        did: what,
        fault,
        heard: `frozen, ${scenario.frozenMs / 1_000} s pass`,
      });
      return;
    }
    actor.pending.splice(actor.pending.indexOf(pending), 1);
    for (const begin of actor.begins.splice(0)) begin();
    if (fault === 'crash') {
      const heard = await outcomeOf(pending, undefined);
      note(actor, { actor: name, did: what, fault, heard: `dead (${textOf(heard)})` });
      actor.status = 'ended';
      actor.life += 1;
      actor.pending.length = 0;
      if (actor.spec.restarts) live(actor);
      return;
    }
    if (fault === 'arrive-late') lates.push({ by: name, pending });
    const heard: Heard =
      fault === 'lose-request' || fault === 'arrive-late'
        ? { error: lost(what) }
        : await outcomeOf(pending, fault);
    const told: Heard = fault === 'lose-answer' ? { error: lost(what) } : heard;
    note(actor, {
      actor: name,
      did: what,
      fault,
      heard: fault === 'lose-answer' ? `${textOf(told)} (${textOf(heard)})` : textOf(told),
    });
    pending.hear(told);
  }

  function note(actor: Actor, line: TraceLine): void {
    lines.push(line);
    actor.history += `${line.did}|${line.fault ?? ''}|${line.heard}\n`;
  }

  async function arrive(late: Late): Promise<void> {
    lates.splice(lates.indexOf(late), 1);
    const heard = await outcomeOf(late.pending, undefined);
    lines.push({
      actor: late.by,
      did: `late: ${late.pending.call.what}`,
      heard: `${textOf(heard)}, heard by nobody`,
    });
    const owner = actors.find(({ spec }) => late.by.startsWith(spec.name));
    if (owner) owner.history += `late ${textOf(heard)}\n`;
  }

  /** Lets everybody go on until they have asked for something. */
  async function drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (failure) throw failure.error;
    const astray = actors.find(
      (actor) => actor.status === 'running' && callsOf(actor).length === 0,
    );
    if (astray) throw new Error(`${nameOf(astray)} waits for something that is no step`);
    const ahead = lines.length > maxSteps;
    if (ahead) throw new Error(`${scenario.name} does not end within ${maxSteps} steps`);
  }

  const state = (): string =>
    JSON.stringify([
      play.state(),
      world.earlier(),
      actors.map(({ status, life, history, pending }) => [
        status,
        life,
        history,
        pending.map(({ call }) => call.what),
      ]),
      lates.map(({ pending }) => pending.call.what),
      world.clock.nowMs,
      faultsLeft,
    ]);

  const ended = (violations: readonly Violation[], pruned = false): Ended => ({
    violations,
    lines,
    pruned,
  });

  for (const actor of actors) live(actor);
  await drain();
  for (;;) {
    const options = optionsNow();
    if (options.length === 0) {
      const frozen = actors.find(({ status }) => status === 'frozen');
      if (!frozen) break;
      frozen.status = 'running';
      lines.push({ actor: nameOf(frozen), did: 'wakes', heard: 'and knows nothing of it' });
      continue;
    }
    if (options.length > 1 && isKnown?.(state())) return ended([], true);
    const chosen = options[options.length > 1 ? choices.choose(options) : 0];
    if (chosen?.late) await arrive(chosen.late);
    else if (chosen?.actor) await take(chosen.actor, chosen.pending, chosen.fault);
    else break;
    await drain();
    const violations = play.afterStep?.(lines.at(-1)?.actor ?? '') ?? [];
    if (violations.length > 0) return ended(violations);
  }

  if (play.epilogue) {
    const after = newActor({ name: 'after', act: play.epilogue });
    actors.push(after);
    live(after);
    await drain();
    while (after.status === 'running') {
      await take(after, callsOf(after)[0], undefined);
      await drain();
      const violations = play.afterStep?.('after') ?? [];
      if (violations.length > 0) return ended(violations);
    }
  }
  for (const late of [...lates]) await arrive(late);
  await drain();
  return ended([...(play.afterStep?.('late') ?? []), ...play.audit()]);
}

const outcomeOf = ({ perform }: Pending, fault: Fault | undefined): Promise<Heard> =>
  perform(fault).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

const textOf = (heard: Heard): string =>
  'value' in heard
    ? textOfHeard(heard.value)
    : heard.error instanceof Error
      ? `${heard.error.name}: ${heard.error.message}`
      : 'an error';
