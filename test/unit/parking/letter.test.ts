import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discard } from '#shared/parking/discard-letter.ts';
import type { Arrival, Letter } from '#shared/parking/letter.ts';
import { park } from '#shared/parking/park-letter.ts';
import { claim, giveBack, markReplayed } from '#shared/parking/take-letter.ts';

const nowMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;
const retainMs = 30 * 24 * hourMs;
const tooOldMs = 50 * 24 * hourMs;

const arrival = (fields: Partial<Arrival> = {}): Arrival => ({
  queue: 'orders',
  id: 'e1',
  messageId: 'm1',
  cause: 'order-missing',
  body: '{}',
  event: { id: 'e1', type: 'order.created', tenant: 'acme', occurredAtMs: nowMs - hourMs },
  replays: 0,
  ...fields,
});

function parked(fields: Partial<Arrival> = {}, known?: Letter, atMs = nowMs): Letter {
  const result = park(known, arrival(fields), { nowMs: atMs, retainMs });
  if (!('letter' in result)) throw new Error(result.how);
  return result.letter;
}

function taken(letter: Letter, replayId = 'r1', atMs = nowMs): Letter {
  const result = claim(letter, { replayId, nowMs: atMs, tooOldMs });
  if (result.how !== 'send') throw new Error(result.how);
  return result.letter;
}

const replayed = (letter: Letter, replayId = 'r1'): Letter => {
  const next = markReplayed(letter, replayId);
  if (!next) throw new Error('not in this replay');
  return next;
};

const howParked = (known: Letter, fields: Partial<Arrival> = {}) =>
  park(known, arrival(fields), { nowMs, retainMs }).how;

describe('a letter that arrives', () => {
  it('is parked once, however often it comes', () => {
    const letter = parked();
    expect(letter).toMatchObject({ state: 'parked', version: 1, parkings: 1, replays: 0 });
    expect(howParked(letter)).toBe('duplicate');
    expect(howParked(letter, { messageId: 'm2' })).toBe('duplicate');
  });

  it('is parked again when its replay failed, and keeps what was known of it', () => {
    const again = parked(
      { messageId: 'm2', cause: 'attempts-exhausted', replays: 1 },
      replayed(taken(parked())),
      nowMs + hourMs,
    );
    expect(again).toMatchObject({
      state: 'parked',
      cause: 'attempts-exhausted',
      messageId: 'm2',
      parkings: 2,
      replays: 1,
      firstParkedAtMs: nowMs,
      parkedAtMs: nowMs + hourMs,
      expiresAtMs: nowMs + hourMs + retainMs,
      history: [{ messageId: 'm1', cause: 'order-missing', parkedAtMs: nowMs, replayId: 'r1' }],
    });
  });

  it('keeps the body it was first given up with, and the edit that failed beside it', () => {
    const failed = (known: Letter, body: string) =>
      parked({ body, replays: known.replays + 1 }, replayed(taken(known, body), body));
    const edited = failed(parked({ body: 'as it was' }), 'edited');
    expect(edited).toMatchObject({ body: 'as it was', edited: 'edited' });
    const twice = failed(edited, 'edited again');
    expect(twice).toMatchObject({ body: 'as it was', edited: 'edited again' });
    expect(failed(twice, 'as it was')).not.toHaveProperty('edited');
  });

  it('keeps the event that it is about, or that an edit first made of it', () => {
    const { event: _, ...none } = arrival();
    const first = park(undefined, none, { nowMs, retainMs });
    if (!('letter' in first)) throw new Error(first.how);
    const made = parked({ replays: 1 }, replayed(taken(first.letter)));
    expect(made.event).toEqual(arrival().event);
    const retyped = { ...letterEvent, occurredAtMs: nowMs - hourMs, type: 'order.changed' };
    const again = parked({ replays: 1, event: retyped }, replayed(taken(parked())));
    expect(again.event).toEqual(arrival().event);
  });

  it('is parked again when its replay failed before it was marked', () => {
    const again = parked({ replays: 1 }, taken(parked()));
    expect(again).toMatchObject({ state: 'parked', parkings: 2 });
    expect(markReplayed(again, 'r1')).toBeUndefined();
  });

  it.each([
    ['a replay under way', taken(parked())],
    ['a replay', replayed(taken(parked()))],
    ['a second replay', taken(parked({ replays: 1 }, replayed(taken(parked()))), 'r2')],
  ])('undoes nothing when it is of an earlier sending than %s', (_, known) => {
    expect(howParked(known)).toBe('late');
  });

  it('undoes no discard', () => {
    const gone = discard(parked(), { by: 'ops', reason: 'a test', nowMs });
    if (gone.how !== 'discarded') throw new Error(gone.how);
    expect(howParked(gone.letter)).toBe('late');
    expect(howParked(gone.letter, { messageId: 'm2' })).toBe('late');
  });

  it('keeps the last ten parkings, and counts them all', () => {
    let letter = parked();
    for (let n = 1; n <= 15; n++) {
      const sent = replayed(taken(letter, `r${n}`), `r${n}`);
      letter = parked({ messageId: `m${n + 1}`, replays: n }, sent);
    }
    expect(letter.parkings).toBe(16);
    expect(letter.history.map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 10 }, (_, i) => `m${i + 6}`),
    );
  });
});

describe('a replay', () => {
  it('takes a letter once, and sends it again only while it has not marked it', () => {
    const first = claim(parked(), { replayId: 'r1', nowMs, tooOldMs });
    expect(first).toMatchObject({ how: 'send', standing: false, letter: { replays: 1 } });
    const letter = taken(parked());
    expect(claim(letter, { replayId: 'r1', nowMs, tooOldMs })).toMatchObject({
      how: 'send',
      standing: true,
      letter: { replays: 1 },
    });
    expect(claim(replayed(letter), { replayId: 'r1', nowMs, tooOldMs }).how).toBe('sent-before');
    const again = parked({ replays: 1 }, replayed(letter));
    expect(claim(again, { replayId: 'r1', nowMs, tooOldMs }).how).toBe('sent-before');
  });

  it('leaves alone what another has in hand, until that one is dead', () => {
    const letter = taken(parked(), 'r1');
    const other = { replayId: 'r2', tooOldMs };
    expect(claim(letter, { ...other, nowMs: nowMs + hourMs - 1 })).toEqual({
      how: 'skipped',
      because: 'in-other-replay',
    });
    const over = taken(letter, 'r2', nowMs + hourMs);
    expect(over).toMatchObject({ replays: 2, replay: { id: 'r2' } });
    expect(markReplayed(over, 'r1')).toBeUndefined();
  });

  it('takes no letter whose consumer would refuse it as older than its inbox', () => {
    const old = parked({ event: { ...letterEvent, occurredAtMs: nowMs - tooOldMs - 1 } });
    expect(claim(old, { replayId: 'r1', nowMs, tooOldMs })).toEqual({
      how: 'skipped',
      because: 'older-than-inbox',
    });
    const young = parked({ event: { ...letterEvent, occurredAtMs: nowMs - tooOldMs } });
    expect(claim(young, { replayId: 'r1', nowMs, tooOldMs }).how).toBe('send');
  });

  it('gives a letter back that its queue refuses, and does not try it twice', () => {
    const back = giveBack(taken(parked()), 'r1', 'InvalidMessageContents');
    expect(back).toMatchObject({ state: 'parked', replay: { refused: 'InvalidMessageContents' } });
    if (!back) throw new Error('not given back');
    expect(claim(back, { replayId: 'r1', nowMs, tooOldMs })).toEqual({
      how: 'refused-before',
      code: 'InvalidMessageContents',
    });
    expect(claim(back, { replayId: 'r2', nowMs, tooOldMs }).how).toBe('send');
  });
});

const letterEvent = { id: 'e1', type: 'order.created', tenant: 'acme', occurredAtMs: nowMs };

describe('a discard', () => {
  const why = { by: 'ops', reason: 'a test', nowMs };

  it('keeps who and why, and the first reason', () => {
    const first = discard(parked(), why);
    expect(first).toMatchObject({
      how: 'discarded',
      letter: { state: 'discarded', discarded: { by: 'ops', reason: 'a test', atMs: nowMs } },
    });
    if (first.how !== 'discarded') throw new Error(first.how);
    expect(discard(first.letter, { ...why, reason: 'another' })).toEqual({
      how: 'unchanged',
      letter: first.letter,
    });
    expect(claim(first.letter, { replayId: 'r1', nowMs, tooOldMs })).toEqual({
      how: 'skipped',
      because: 'discarded',
    });
  });

  it('is refused for what is sent or about to be', () => {
    const held = taken(parked());
    expect(discard(held, why)).toEqual({ how: 'refused', because: 'replaying' });
    expect(discard(replayed(held), why)).toEqual({ how: 'refused', because: 'replayed' });
    expect(discard(held, { ...why, nowMs: nowMs + hourMs }).how).toBe('discarded');
  });
});

/**
 * Everything that can happen to one letter, in any order: two replays that send, mark, fail and are
 * sent twice, a discard, and letters of every sending so far that come late or twice.
 */
describe('whatever happens to a letter, in whatever order', () => {
  interface World {
    letter: Letter;
    /** Sendings whose message is in the queue and may fail. */
    sent: readonly number[];
  }
  type Move = (world: World) => void;

  const apply = (world: World, next: Letter | undefined) => {
    if (next) world.letter = next;
  };
  const moves: Readonly<Record<string, Move>> = {
    'r1 takes and sends': (world) => send(world, 'r1'),
    'r2 takes and sends': (world) => send(world, 'r2'),
    'r1 marks': (world) => apply(world, markReplayed(world.letter, 'r1')),
    'r2 marks': (world) => apply(world, markReplayed(world.letter, 'r2')),
    'the last sending fails': (world) => fail(world, world.sent.at(-1)),
    'the first sending fails late': (world) => fail(world, 0),
    discard: (world) => {
      const result = discard(world.letter, { by: 'ops', reason: 'a test', nowMs });
      if (result.how === 'discarded') world.letter = result.letter;
    },
  };

  function send(world: World, replayId: string): void {
    const result = claim(world.letter, { replayId, nowMs, tooOldMs });
    if (result.how !== 'send') return;
    world.letter = result.letter;
    world.sent = [...world.sent, result.letter.replays];
  }

  function fail(world: World, replays: number | undefined): void {
    if (replays === undefined) return;
    const result = park(world.letter, arrival({ replays }), { nowMs, retainMs });
    if ('letter' in result) world.letter = result.letter;
  }

  const names = Object.keys(moves);

  /** The promise that the last move broke; undefined when it kept all. */
  function broken(name: string, before: Letter, { letter, sent }: World): string | undefined {
    const changed = letter !== before;
    if (letter.version !== before.version + (changed ? 1 : 0)) return 'a change is one version';
    if (letter.replays < before.replays) return 'sendings are never forgotten';
    if (before.state === 'discarded' && changed) return 'a discard stands';
    if (name === 'the first sending fails late' && before.replays > 0 && changed)
      return 'a letter of an earlier sending undoes nothing';
    if (letter.parkings > letter.replays + 1) return 'each sending parks it at most once';
    if (letter.state === 'replaying' && !letter.replay) return 'what is taken is in some hand';
    if (new Set(sent).size > 2) return 'each replay sends it in one sending';
    return undefined;
  }

  function check(path: readonly string[]): void {
    const world: World = { letter: parked(), sent: [] };
    for (const name of path) {
      const before = world.letter;
      moves[name]?.(world);
      const promise = broken(name, before, world);
      if (promise) throw new Error(`${promise}: ${path.join(', ')}`);
    }
  }

  it('keeps its promises through every order of five moves', () => {
    let paths: readonly (readonly string[])[] = [[]];
    for (let depth = 0; depth < 5; depth++)
      paths = paths.flatMap((path) => names.map((name) => [...path, name]));
    expect(paths).toHaveLength(names.length ** 5);
    paths.forEach(check);
  });

  it('keeps them through longer ones as well', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...names), { maxLength: 25 }), check));
  });
});
