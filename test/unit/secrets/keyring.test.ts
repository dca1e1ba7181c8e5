import { describe, expect, it } from 'vitest';
import {
  KeyringLimitedError,
  type KeyringOptions,
  keyring,
  SecretUnavailableError,
} from '#shared/secrets/keyring.ts';
import { memorySource } from '#shared/secrets/memory-source.ts';
import type { SecretVersions } from '#shared/secrets/secret-source.ts';

const v1 = { id: 'v1', value: 'one' };
const v2 = { id: 'v2', value: 'two' };
const v3 = { id: 'v3', value: 'three' };
const minuteMs = 60_000;
const down = new Error('provider down');

function ringOf(options: Partial<KeyringOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const source = memorySource(v1);
  const events: string[] = [];
  const ring = keyring({
    source,
    subject: 'token-signing',
    now: () => clock.nowMs,
    listen: ({ happened, subject, severity }) =>
      events.push(`${subject} ${happened} (${severity})`),
    ...options,
  });
  return { clock, source, events, ring };
}

describe('a keyring', () => {
  it('reads once, and again when what it has is five minutes old', async () => {
    const { clock, source, ring } = ringOf();
    expect(await ring.current()).toEqual(v1);
    source.rotate(v2);
    clock.nowMs += 5 * minuteMs - 1;
    expect(await ring.current()).toEqual(v1);
    clock.nowMs += 1;
    expect(await ring.current()).toEqual(v2);
    expect(source.reads()).toBe(2);
  });

  it('knows the current and the previous version, and none before', async () => {
    const { source, ring } = ringOf();
    source.rotate(v2);
    source.rotate(v3);
    expect(await ring.key('v3')).toEqual(v3);
    expect(await ring.key('v2')).toEqual(v2);
    expect(await ring.key('v1')).toBeUndefined();
  });

  it('follows a rotation as soon as somebody names the new version', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    source.rotate(v2);
    clock.nowMs += 1;
    expect(await ring.key('v2')).toEqual(v2);
    expect(await ring.key('v1')).toEqual(v1);
    expect(source.reads()).toBe(2);
  });

  it('looks for an unknown id at most once in ten seconds, and says so meanwhile', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    expect(await ring.key('x')).toBeUndefined();
    clock.nowMs += 4_000;
    await expect(ring.key('y')).rejects.toThrow(KeyringLimitedError);
    await expect(ring.key('y')).rejects.toMatchObject({ retryAfterMs: 6_000 });
    expect(await ring.key('v1')).toEqual(v1);
    clock.nowMs += 6_000;
    expect(await ring.key('y')).toBeUndefined();
    expect(source.reads()).toBe(3);
  });

  it('reads no second time for an unknown id when it has read for that very call', async () => {
    const { source, ring } = ringOf();
    expect(await ring.key('x')).toBeUndefined();
    expect(source.reads()).toBe(1);
  });

  it('reads once for all who come at the same time', async () => {
    const { source, ring } = ringOf();
    await Promise.all(Array.from({ length: 20 }, () => ring.current()));
    expect(source.reads()).toBe(1);
  });

  it('does not take the outcome of a read that began before the call for certain', async () => {
    const reads: ((versions: SecretVersions) => void)[] = [];
    const source = { read: () => new Promise<SecretVersions>((resolve) => reads.push(resolve)) };
    const { ring } = ringOf({ source });
    const first = ring.current();
    const late = ring.key('v2'); // the read under way may have begun before v2 was made
    reads[0]?.({ current: v1 });
    expect(await first).toEqual(v1);
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.({ current: v2, previous: v1 });
    expect(await late).toEqual(v2);
  });

  it('nor that of a look that began before the call', async () => {
    const reads: ((versions: SecretVersions) => void)[] = [];
    const source = { read: () => new Promise<SecretVersions>((resolve) => reads.push(resolve)) };
    const { ring } = ringOf({ source, lookEveryMs: 0 });
    const first = ring.current();
    reads[0]?.({ current: v1 });
    await first;
    const unknown = ring.key('x');
    await expect.poll(() => reads.length).toBe(2);
    const late = ring.key('v2'); // made after the second read began
    reads[1]?.({ current: v1 });
    expect(await unknown).toBeUndefined();
    await expect.poll(() => reads.length).toBe(3);
    reads[2]?.({ current: v2, previous: v1 });
    expect(await late).toEqual(v2);
  });

  it('outlives an outage for an hour on what was good last, and tells once', async () => {
    const { clock, source, events, ring } = ringOf();
    await ring.current();
    source.fail(down);
    clock.nowMs += 5 * minuteMs;
    for (let minute = 5; minute < 60; minute++) {
      expect(await ring.current()).toEqual(v1);
      clock.nowMs += minuteMs;
    }
    expect(events).toEqual(['token-signing degraded (warning)']);
    await expect(ring.current()).rejects.toThrow(SecretUnavailableError);

    source.mend();
    clock.nowMs += minuteMs;
    expect(await ring.current()).toEqual(v1);
    expect(events).toEqual(['token-signing degraded (warning)', 'token-signing recovered (info)']);
  });

  it('asks a failing source once a second at most', async () => {
    const { clock, source, ring } = ringOf();
    source.fail(down);
    for (let i = 0; i < 5; i++) await expect(ring.current()).rejects.toMatchObject({ cause: down });
    expect(source.reads()).toBe(1);
    clock.nowMs += 1_000;
    await expect(ring.current()).rejects.toThrow(SecretUnavailableError);
    expect(source.reads()).toBe(2);
  });

  it('has nobody wait long for a silent source when there is a key, and nobody twice', async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const { clock, source, events, ring } = ringOf({ sleep });
    await ring.current();
    source.hang();
    clock.nowMs += 5 * minuteMs;
    for (let i = 0; i < 5; i++) expect(await ring.current()).toEqual(v1);
    expect(await ring.key('v1')).toEqual(v1);
    expect([waits, source.reads()]).toEqual([[150], 2]);

    // The read goes on behind, and what it gives is used.
    source.rotate(v2);
    source.mend();
    await expect.poll(() => ring.current()).toEqual(v2);
    expect([waits, source.reads(), events]).toEqual([[150], 2, []]);
  });

  it('lets a silent read that fails in the end fail quietly, and tells of it', async () => {
    const { clock, source, events, ring } = ringOf({ sleep: async () => {} });
    await ring.current();
    source.hang();
    source.fail(down);
    clock.nowMs += 5 * minuteMs;
    expect(await ring.current()).toEqual(v1);
    expect(events).toEqual([]);
    source.release();
    await expect.poll(() => events).toEqual(['token-signing degraded (warning)']);
    expect(await ring.current()).toEqual(v1);
  });

  it('takes a fresh value that comes while it waits', async () => {
    const { clock, source, ring } = ringOf({ sleep: () => new Promise(() => {}) });
    await ring.current();
    source.rotate(v2);
    clock.nowMs += 5 * minuteMs;
    expect(await ring.current()).toEqual(v2);
  });

  it('asks a failing source every half minute while it has a usable value', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    source.fail(down);
    clock.nowMs += 5 * minuteMs;
    for (let second = 0; second < 60; second++) {
      expect(await ring.current()).toEqual(v1);
      clock.nowMs += 1_000;
    }
    expect(source.reads()).toBe(3);
  });

  it('waits for the first value as long as the source takes, unless told how long', async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const patient = ringOf({ sleep });
    patient.source.hang();
    const first = patient.ring.current();
    patient.source.mend();
    expect(await first).toEqual(v1);
    expect(waits).toEqual([]);

    const { source, ring } = ringOf({ sleep, firstPatienceMs: 250 });
    source.hang();
    for (let i = 0; i < 3; i++)
      await expect(ring.current()).rejects.toThrow('token-signing was not read within 250 ms');
    expect([waits, source.reads()]).toEqual([[250], 1]);
    source.mend();
    await expect.poll(() => ring.current().catch(() => undefined)).toEqual(v1);
    expect(source.reads()).toBe(1);
  });

  it('can begin its first read before anybody asks, and keeps a failure of it for who does', async () => {
    const { source, ring } = ringOf();
    ring.prepare();
    ring.prepare();
    expect(await ring.current()).toEqual(v1);
    ring.prepare();
    expect(source.reads()).toBe(1);

    const failing = ringOf();
    failing.source.fail(down);
    failing.ring.prepare();
    await expect.poll(() => failing.events).toHaveLength(1);
    await expect(failing.ring.current()).rejects.toMatchObject({ cause: down });
    expect(failing.source.reads()).toBe(1);
  });

  it('does not call an id unknown because the source is down', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    source.fail(down);
    clock.nowMs += 1;
    await expect(ring.key('v2')).rejects.toThrow(SecretUnavailableError);
    expect(await ring.key('v1')).toEqual(v1);
  });

  it('is not emptied by a clock that steps back a little', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    source.fail(down);
    clock.nowMs -= 5_000;
    expect(await ring.current()).toEqual(v1);
    expect(source.reads()).toBe(1);
  });

  it('keeps nothing for longer because the clock steps back far', async () => {
    const { clock, source, ring } = ringOf();
    await ring.current();
    source.rotate(v2);
    clock.nowMs -= 120 * minuteMs;
    expect(await ring.current()).toEqual(v2);
  });

  it.each([
    ['maxAgeMs', -1],
    ['maxAgeMs', Number.NaN],
    ['maxStaleMs', 1],
    ['patienceMs', -1],
    ['firstPatienceMs', Number.NaN],
    ['retryStaleEveryMs', -1],
    ['lookEveryMs', -1],
    ['retryEveryMs', Number.NaN],
  ])('is not built with %s = %d', (name, value) => {
    expect(() => ringOf({ [name]: value })).toThrow(new RegExp(`^${name} must`));
  });
});
