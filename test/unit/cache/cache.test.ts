import { describe, expect, it } from 'vitest';
import { type CacheOptions, cache } from '#shared/cache/cache.ts';
import type { Lookup } from '#shared/cache/lookup.ts';
import { tagVersions } from '#shared/cache/tag-versions.ts';
import { DeadlineExceededError, deadline } from '#shared/deadline/deadline.ts';
import { memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';

const policy = { freshMs: 1_000, maxEntries: 10, jitterRatio: 0 } as const;

/** All that waits for nothing but its turn has had it. */
const everythingStarted = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A cache over a source that the test changes, on a clock that it sets. */
function given(options: Partial<CacheOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const source: { value: string | undefined; error?: Error } = { value: 'first' };
  const loads: PromiseWithResolvers<string | undefined>[] = [];
  const events: ResilienceEvent[] = [];
  const refreshes: Promise<void>[] = [];
  const calls: StoreCall[] = [];
  const store = memoryStore({
    faults: (call) => {
      calls.push(call);
      return storeIs.down ? 'lose-request' : undefined;
    },
  });
  const storeIs = { down: false };
  const tags = tagVersions({ store });
  const made = cache<string>({
    ...policy,
    tagVersions: tags,
    subject: 'it',
    listen: (event) => events.push(event),
    now: () => clock.nowMs,
    random: () => 0.5,
    ...options,
  });
  let held = false;
  const load = async () => {
    const gate = Promise.withResolvers<string | undefined>();
    loads.push(gate);
    if (held) return gate.promise;
    if (source.error) throw source.error;
    return source.value;
  };
  return {
    clock,
    source,
    loads,
    events,
    refreshes,
    tags,
    calls,
    storeIs,
    /** From now on a load ends when the test says so. */
    hold: () => {
      held = true;
    },
    get: (lookup: Lookup = { onRefresh: (refreshed) => refreshes.push(refreshed) }, key = 'key') =>
      made.get(key, load, lookup),
    happened: () => events.map(({ happened }) => happened),
  };
}

describe('a cache', () => {
  it('loads once and answers from memory until its time is over, to the millisecond', async () => {
    const { get, clock, source, loads } = given();
    expect(await get()).toEqual({ value: 'first', outcome: 'miss', ageMs: 0 });
    source.value = 'second';
    clock.nowMs += 999;
    expect(await get()).toEqual({ value: 'first', outcome: 'hit', ageMs: 999 });
    clock.nowMs += 1;
    expect(await get()).toEqual({ value: 'second', outcome: 'miss', ageMs: 0 });
    expect(loads).toHaveLength(2);
  });

  it('keeps keys apart', async () => {
    const { get, source } = given();
    await get({}, 'a');
    source.value = 'second';
    expect([(await get({}, 'b')).value, (await get({}, 'a')).value]).toEqual(['second', 'first']);
  });

  it('counts age from the beginning of a load, so that a slow one makes nothing younger', async () => {
    const { get, hold, loads, clock } = given();
    hold();
    const waiting = get();
    await everythingStarted();
    clock.nowMs += 400;
    loads[0]?.resolve('slow');
    expect(await waiting).toEqual({ value: 'slow', outcome: 'miss', ageMs: 400 });
    clock.nowMs += 599;
    expect((await get()).outcome).toBe('hit');
    clock.nowMs += 1;
    void get();
    await everythingStarted();
    expect(loads).toHaveLength(2);
  });

  it('does not trust an entry from the future, as the clock was set back since', async () => {
    const { get, clock } = given();
    await get();
    clock.nowMs -= 1;
    expect((await get()).outcome).toBe('miss');
    expect((await get()).outcome).toBe('hit');
  });

  it('takes up to jitterRatio off the fresh time, by chance', async () => {
    const { get, clock } = given({ jitterRatio: 0.2, random: () => 0.5 });
    await get();
    clock.nowMs += 899;
    expect((await get()).outcome).toBe('hit');
    clock.nowMs += 1;
    expect((await get()).outcome).toBe('miss');
  });

  it('holds maxEntries', async () => {
    const { get } = given({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c']) await get({}, key);
    expect((await get({}, 'c')).outcome).toBe('hit');
    expect((await get({}, 'a')).outcome).toBe('miss');
  });

  it('keeps by lfu what was asked for most, if told to', async () => {
    const { get } = given({ maxEntries: 2, eviction: 'lfu' });
    await get({}, 'favourite');
    await get({}, 'favourite');
    for (const key of ['b', 'c', 'd']) await get({}, key);
    expect((await get({}, 'favourite')).outcome).toBe('hit');
  });

  it('tells of every lookup by its outcome', async () => {
    const { get, clock, source, happened } = given({ staleMs: 1_000, negativeMs: 100 });
    await get();
    await get();
    clock.nowMs += 1_500;
    source.value = undefined;
    await get();
    await everythingStarted();
    await get();
    source.error = new Error('down');
    await get({}, 'other').catch(() => {});
    expect(happened()).toEqual(['miss', 'hit', 'stale', 'negative', 'load-failed', 'failed']);
  });

  it.each<[string, Partial<CacheOptions>]>([
    ['freshMs must be a whole number from 1, got 0', { freshMs: 0 }],
    ['freshMs must be a whole number from 1, got 1.5', { freshMs: 1.5 }],
    ['maxEntries must be a whole number from 1, got 0', { maxEntries: 0 }],
    ['maxLoadMs must be a whole number from 1, got 0', { maxLoadMs: 0 }],
    ['staleMs must be a whole number from 0, got -1', { staleMs: -1 }],
    ['staleIfErrorMs must be a whole number from 0, got NaN', { staleIfErrorMs: Number.NaN }],
    ['negativeMs must be a whole number from 0, got Infinity', { negativeMs: Infinity }],
    ['trustTagsMs must be a whole number from 0, got -1', { trustTagsMs: -1 }],
    ['retryEveryMs must be a whole number from 0, got 0.5', { retryEveryMs: 0.5 }],
    ['jitterRatio must be a number from 0, got -0.1', { jitterRatio: -0.1 }],
    ['jitterRatio must be below 1, got 1', { jitterRatio: 1 }],
  ])('refuses an option that makes no sense: %s', (message, options) => {
    expect(() => cache({ ...policy, ...options })).toThrow(new RangeError(message));
  });
});

describe('a load', () => {
  it('is one for all who ask meanwhile', async () => {
    const { get, hold, loads } = given();
    hold();
    const waiting = [get(), get(), get()];
    await everythingStarted();
    expect(loads).toHaveLength(1);
    loads[0]?.resolve('one');
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual(['one', 'one', 'one']);
  });

  it('that fails fails for all who wait, and is told once', async () => {
    const { get, source, loads, events, happened } = given();
    source.error = new TypeError('down');
    const waiting = await Promise.allSettled([get(), get()]);
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(loads).toHaveLength(1);
    expect(happened()).toEqual(['load-failed', 'failed', 'failed']);
    expect(events[0]).toMatchObject({
      subject: 'it',
      severity: 'warning',
      facts: { error: 'TypeError' },
    });
  });

  it('that fails is not tried again for retryEveryMs, of its key, and heard of by who comes', async () => {
    const { get, source, clock, loads, happened } = given({ retryEveryMs: 1_000 });
    source.error = new TypeError('down');
    await expect(get()).rejects.toThrow('down');
    delete source.error;
    clock.nowMs += 999;
    await expect(get()).rejects.toThrow(new TypeError('down'));
    expect(loads).toHaveLength(1);
    expect(happened()).toEqual(['load-failed', 'failed', 'failed']);
    expect(await get({}, 'other')).toMatchObject({ value: 'first', outcome: 'miss' });
    clock.nowMs += 1;
    expect(await get()).toMatchObject({ value: 'first', outcome: 'miss' });
  });

  it('that fails is tried again at once with retryEveryMs 0', async () => {
    const { get, source } = given({ retryEveryMs: 0 });
    source.error = new Error('down');
    await expect(get()).rejects.toThrow('down');
    delete source.error;
    expect(await get()).toMatchObject({ value: 'first', outcome: 'miss' });
  });

  it('that fails keeps nobody from one that is under way', async () => {
    const { get, tags, hold, loads } = given();
    hold();
    const lookup = { tags: ['t'] };
    const before = get(lookup);
    await everythingStarted();
    await tags.bump(['t']);
    const after = get(lookup);
    await everythingStarted();
    loads[0]?.reject(new Error('down'));
    await expect(before).rejects.toThrow('down');
    const last = get(lookup);
    await everythingStarted();
    loads[1]?.resolve('new');
    expect([(await after).value, (await last).value]).toEqual(['new', 'new']);
  });

  it('that succeeds ends what was remembered of one that failed', async () => {
    const { get, source, clock, tags, hold, loads } = given({ retryEveryMs: 5_000 });
    hold();
    const lookup = { tags: ['t'] };
    const before = get(lookup);
    await everythingStarted();
    await tags.bump(['t']);
    const after = get(lookup);
    await everythingStarted();
    loads[0]?.reject(new Error('down'));
    loads[1]?.resolve('new');
    await expect(before).rejects.toThrow('down');
    await after;
    await tags.bump(['t']);
    clock.nowMs += 10;
    source.value = 'newer';
    const last = get(lookup);
    await everythingStarted();
    expect(loads).toHaveLength(3);
    loads[2]?.resolve('newer');
    expect(await last).toMatchObject({ value: 'newer', outcome: 'miss' });
  });

  it('outlives a waiter whose time is up', async () => {
    const { get, hold, loads } = given();
    hold();
    const hurried = get({ deadline: deadline({ inMs: 5 }) });
    const patient = get();
    await expect(hurried).rejects.toThrow(DeadlineExceededError);
    loads[0]?.resolve('late');
    expect(await patient).toMatchObject({ value: 'late' });
    expect(await get()).toMatchObject({ value: 'late', outcome: 'hit' });
    expect(loads).toHaveLength(1);
  });

  it('is not begun for a caller whose time is up already', async () => {
    const { get, loads } = given();
    const passed = deadline({ inMs: 0, now: () => 0 });
    await expect(get({ deadline: passed })).rejects.toThrow(DeadlineExceededError);
    expect(loads).toHaveLength(0);
  });

  it('that never ends is not waited for by newcomers, and does not undo theirs', async () => {
    const { get, hold, loads, clock } = given({ maxLoadMs: 500 });
    hold();
    const stuck = get();
    await everythingStarted();
    clock.nowMs += 500;
    const newcomer = get();
    await everythingStarted();
    expect(loads).toHaveLength(2);
    loads[1]?.resolve('new');
    expect(await newcomer).toMatchObject({ value: 'new' });
    loads[0]?.resolve('old');
    expect(await stuck).toMatchObject({ value: 'old' });
    expect(await get()).toMatchObject({ value: 'new', outcome: 'hit' });
  });

  it('that ends late leaves the one under way to those who come meanwhile', async () => {
    const { get, hold, loads, clock } = given({ maxLoadMs: 500, freshMs: 500 });
    hold();
    const late = get();
    await everythingStarted();
    clock.nowMs += 500;
    const newcomer = get();
    await everythingStarted();
    loads[0]?.resolve('old');
    await late;
    const next = get();
    await everythingStarted();
    expect(loads).toHaveLength(2);
    loads[1]?.resolve('new');
    expect([(await newcomer).value, (await next).value]).toEqual(['new', 'new']);
  });
});

describe('a stale entry', () => {
  it('is answered at once while one refresh runs, and its successor after it', async () => {
    const { get, hold, clock, loads, refreshes } = given({ staleMs: 500 });
    await get();
    hold();
    clock.nowMs += 1_499;
    const answers = await Promise.all([get(), get()]);
    expect(answers).toEqual([
      { value: 'first', outcome: 'stale', ageMs: 1_499 },
      { value: 'first', outcome: 'stale', ageMs: 1_499 },
    ]);
    expect(loads).toHaveLength(2);
    loads[1]?.resolve('second');
    await Promise.all(refreshes);
    expect(refreshes).toHaveLength(2);
    expect(await get()).toEqual({ value: 'second', outcome: 'hit', ageMs: 0 });
  });

  it('is over when its time is', async () => {
    const { get, clock } = given({ staleMs: 500 });
    await get();
    clock.nowMs += 1_500;
    expect((await get()).outcome).toBe('miss');
  });

  it('stays after a refresh that failed, and is not refreshed again at every lookup', async () => {
    const { get, clock, source, loads, refreshes } = given({ staleMs: 5_000, retryEveryMs: 1_000 });
    await get();
    source.error = new Error('down');
    clock.nowMs += 1_500;
    await get();
    await Promise.all(refreshes);
    clock.nowMs += 999;
    expect(await get()).toMatchObject({ value: 'first', outcome: 'stale' });
    expect(loads).toHaveLength(2);
    clock.nowMs += 1;
    await get();
    expect(loads).toHaveLength(3);
    await Promise.all(refreshes);
  });
});

describe('a refresh that fails', () => {
  it('is told, and is nobody’s unhandled rejection where nobody asked for it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { get, clock, source, happened } = given({ staleMs: 500 });
    await get();
    source.error = new Error('down');
    clock.nowMs += 1_000;
    expect(await get({})).toMatchObject({ value: 'first' });
    await everythingStarted();
    await everythingStarted();
    process.off('unhandledRejection', note);
    expect(happened().toSorted()).toEqual(['load-failed', 'miss', 'stale']);
    expect(unhandled).toEqual([]);
  });
});

describe('an error', () => {
  it('is covered by an old value within staleIfErrorMs, and after it thrown', async () => {
    const { get, clock, source } = given({ staleIfErrorMs: 2_000, retryEveryMs: 0 });
    await get();
    source.error = new Error('down');
    clock.nowMs += 2_999;
    expect(await get()).toEqual({ value: 'first', outcome: 'stale', ageMs: 2_999 });
    clock.nowMs += 1;
    await expect(get()).rejects.toThrow('down');
  });

  it('is not provoked anew by each caller', async () => {
    const { get, clock, source, loads } = given({ staleIfErrorMs: 9_000, retryEveryMs: 1_000 });
    await get();
    source.error = new Error('down');
    clock.nowMs += 1_000;
    for (let n = 0; n < 3; n++) expect((await get()).outcome).toBe('stale');
    expect(loads).toHaveLength(2);
  });

  it('of the tags’ store is no proof that nothing has changed', async () => {
    const tags = ['t'];
    const strict = given();
    await strict.get({ tags });
    strict.source.value = 'second';
    strict.storeIs.down = true;
    expect(await strict.get({ tags })).toMatchObject({ value: 'second', outcome: 'unkept' });
    const lenient = given({ staleIfErrorMs: 1 });
    await lenient.get({ tags });
    lenient.storeIs.down = true;
    expect(await lenient.get({ tags })).toMatchObject({ value: 'first', outcome: 'stale' });
    expect(lenient.happened()).toEqual(['miss', 'tags-unknown', 'stale']);
  });

  it('of the tags’ store keeps nobody waiting for it, and nothing that is loaded meanwhile', async () => {
    const { get, storeIs, source, loads, happened } = given({ staleIfErrorMs: 60_000 });
    const lookup = { tags: ['t'] };
    storeIs.down = true;
    const answers = await Promise.all([get(lookup), get(lookup)]);
    expect(answers).toMatchObject(Array(2).fill({ value: 'first', outcome: 'unkept', ageMs: 0 }));
    expect(loads).toHaveLength(1);
    source.value = 'second';
    expect(await get(lookup)).toMatchObject({ value: 'second', outcome: 'unkept' });
    storeIs.down = false;
    expect(await get(lookup)).toMatchObject({ value: 'second', outcome: 'miss' });
    const unseen = ['tags-unknown', 'tags-unknown', 'unkept', 'unkept', 'tags-unknown', 'unkept'];
    expect(happened()).toEqual([...unseen, 'miss']);
  });

  it('of the tags’ store and of the source is that of the source, and not provoked by each', async () => {
    const { get, storeIs, source, loads } = given();
    storeIs.down = true;
    source.error = new TypeError('down');
    for (let n = 0; n < 3; n++)
      await expect(get({ tags: ['t'] })).rejects.toThrow(new TypeError('down'));
    expect(loads).toHaveLength(1);
  });

  it('brings nothing back that a bump has ended, and is not provoked anew by each caller', async () => {
    const { get, tags, source, loads } = given({ staleIfErrorMs: 60_000 });
    await get({ tags: ['t'] });
    await tags.bump(['t']);
    source.error = new Error('down');
    for (let n = 0; n < 3; n++) await expect(get({ tags: ['t'] })).rejects.toThrow('down');
    expect(loads).toHaveLength(2);
  });
});

describe('nothing', () => {
  it('is remembered for negativeMs, and not beyond', async () => {
    const { get, source, clock } = given({
      negativeMs: 100,
      staleMs: 9_000,
      staleIfErrorMs: 9_000,
    });
    source.value = undefined;
    expect(await get()).toEqual({ value: undefined, outcome: 'miss', ageMs: 0 });
    source.value = 'there';
    clock.nowMs += 99;
    expect(await get()).toEqual({ value: undefined, outcome: 'negative', ageMs: 99 });
    clock.nowMs += 1;
    expect(await get()).toMatchObject({ value: 'there', outcome: 'miss' });
  });

  it('that is not remembered puts nothing else out', async () => {
    const { get, source } = given({ maxEntries: 1 });
    await get({}, 'there');
    source.value = undefined;
    await get({}, 'nothing');
    expect(await get({}, 'there')).toMatchObject({ value: 'first', outcome: 'hit' });
  });

  it('is not remembered unless told to, and leaves no older value behind', async () => {
    const { get, source, clock } = given({ staleIfErrorMs: 9_000 });
    await get();
    clock.nowMs += 1_000;
    source.value = undefined;
    expect(await get()).toMatchObject({ value: undefined, outcome: 'miss' });
    source.error = new Error('down');
    await expect(get()).rejects.toThrow('down');
  });
});

describe('a bump', () => {
  it('is seen by the next lookup, and ends no entry without its tag', async () => {
    const { get, tags, source } = given();
    await get({ tags: ['t', 'u'] }, 'tagged');
    await get({ tags: ['u'] }, 'other');
    await tags.bump(['t']);
    source.value = 'second';
    expect(await get({ tags: ['t', 'u'] }, 'tagged')).toMatchObject({
      value: 'second',
      outcome: 'miss',
    });
    expect(await get({ tags: ['u'] }, 'other')).toMatchObject({ value: 'first', outcome: 'hit' });
  });

  it('during a load is not lost: what was read before it is no answer for who asks after it', async () => {
    const { get, tags, hold, loads } = given();
    hold();
    const before = get({ tags: ['t'] });
    await everythingStarted();
    expect(loads).toHaveLength(1);
    await tags.bump(['t']);
    const after = get({ tags: ['t'] });
    await everythingStarted();
    expect(loads).toHaveLength(2);
    loads[1]?.resolve('new');
    expect(await after).toMatchObject({ value: 'new' });
    loads[0]?.resolve('old');
    expect(await before).toMatchObject({ value: 'old' });
    expect(await get({ tags: ['t'] })).toMatchObject({ value: 'new', outcome: 'hit' });
  });

  it('during a load ends what the load has read, as soon as it is there', async () => {
    const { get, tags, hold, loads } = given();
    hold();
    const before = get({ tags: ['t'] });
    await everythingStarted();
    expect(loads).toHaveLength(1);
    await tags.bump(['t']);
    loads[0]?.resolve('old');
    await before;
    const after = get({ tags: ['t'] });
    await everythingStarted();
    expect(loads).toHaveLength(2);
    loads[1]?.resolve('new');
    expect(await after).toMatchObject({ value: 'new', outcome: 'miss' });
  });

  it('is noticed within trustTagsMs, and until then nobody looks', async () => {
    const { get, tags, clock, calls, source } = given({ trustTagsMs: 300 });
    await get({ tags: ['t'] });
    await tags.bump(['t']);
    source.value = 'second';
    clock.nowMs += 299;
    expect((await get({ tags: ['t'] })).outcome).toBe('hit');
    expect(calls.filter(({ verb }) => verb === 'read')).toHaveLength(1);
    clock.nowMs += 1;
    expect(await get({ tags: ['t'] })).toMatchObject({ value: 'second', outcome: 'miss' });
  });

  it('that was noticed is not forgotten while its load is under way', async () => {
    const { get, tags, clock, hold, loads } = given({ trustTagsMs: 300 });
    await get({ tags: ['t'] });
    await tags.bump(['t']);
    clock.nowMs += 300;
    hold();
    const waiting = [get({ tags: ['t'] })];
    await everythingStarted();
    waiting.push(get({ tags: ['t'] }));
    await everythingStarted();
    loads[1]?.resolve('second');
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual(['second', 'second']);
  });

  it('needs somebody who knows versions', async () => {
    const lone = cache<string>(policy);
    const lookup = lone.get('key', async () => 'it', { tags: ['t'] });
    await expect(lookup).rejects.toThrow(new RangeError('tags need tagVersions, got 1 without'));
  });
});
