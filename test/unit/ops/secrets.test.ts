import { describe, expect, it } from 'vitest';
import { ops } from '#ops/ops.ts';
import type { SecretDesk, SecretState } from '#ops/secret-desk.ts';
import { secretsCommand } from '#ops/secrets.ts';
import { readSecretsOptions } from '#ops/secrets-options.ts';
import type { Said } from '#ops/stage-options.ts';

const startMs = Date.UTC(2026, 0, 31, 9);
const hourMs = 3_600_000;
const words = (text: string) => text.split(' ').filter(Boolean);

const never: SecretState = {
  ...{ enabled: true, rotatedAtMs: undefined, nextAtMs: undefined },
  ...{ current: 'v1', previous: undefined, pending: undefined },
};
const once: SecretState = { ...never, current: 'v2', previous: 'v1', rotatedAtMs: startMs };

/** A secret whose rotation ends after so many looks. */
function given({ state = never, looks = 2, copies = false } = {}) {
  const clock = { nowMs: startMs };
  const said: Said[] = [];
  let left: number | undefined;
  const desk: SecretDesk = {
    async state() {
      if (left === undefined) return state;
      left -= 1;
      return left < 0 ? { ...state, current: 'new', previous: state.current } : state;
    },
    async rotate() {
      left = looks;
      return 'new';
    },
    copied: async () => copies,
  };
  const run = (text: string) =>
    secretsCommand(readSecretsOptions(words(text)), {
      desk,
      tell: (line) => void said.push(line),
      now: () => clock.nowMs,
      async sleep(ms) {
        clock.nowMs += ms;
      },
    });
  return { clock, said, run, begun: () => left !== undefined };
}

describe('secrets list', () => {
  it('says each secret’s versions and rotation, and nothing of their values', async () => {
    const { said, run } = given({ state: { ...once, nextAtMs: startMs + 24 * hourMs } });
    expect(await run('list')).toBe(0);
    expect(said.map(({ text }) => text)).toEqual([
      'token-signing  rotated every 30 days  last 2026-01-31T09:00:00.000Z  next 2026-02-01T09:00:00.000Z  current v2  previous v1',
      'list-cursors  rotated every 30 days  last 2026-01-31T09:00:00.000Z  next 2026-02-01T09:00:00.000Z  current v2  previous v1',
      'pseudonyms  rotated never  last 2026-01-31T09:00:00.000Z  next 2026-02-01T09:00:00.000Z  current v2  previous v1',
    ]);
    expect(said[0]?.facts).toMatchObject({ secret: 'token-signing', current: 'v2', enabled: true });
  });

  it('says where there is no schedule, and what is pending', async () => {
    const { said, run } = given({ state: { ...never, enabled: false, pending: 'v2' } });
    await run('list');
    expect(said[0]?.text).toBe(
      'token-signing  rotated every 30 days, no schedule here  current v1  pending v2',
    );
  });
});

describe('secrets rotate', () => {
  it('waits until the new version is current', async () => {
    const { clock, said, run } = given();
    expect(await run('rotate token-signing')).toBe(0);
    expect(said).toEqual([
      {
        text: 'token-signing: version new is current; v1 is accepted until the next rotation',
        facts: { secret: 'token-signing', rotated: true, current: 'new', previous: 'v1' },
      },
    ]);
    expect(clock.nowMs - startMs).toBe(2_000);
  });

  it('gives up waiting in time, and says that what is current stays so', async () => {
    const { said, run } = given({ looks: 1_000 });
    expect(await run('rotate list-cursors --within 5')).toBe(1);
    expect(said[0]?.text).toContain('version new is not current after 5 s');
    expect(said[0]?.facts).toEqual({ secret: 'list-cursors', rotated: false, pending: 'new' });
  });

  it('says what it would do, and does not do it', async () => {
    const { said, run, begun } = given({ state: { ...once, rotatedAtMs: startMs - 26 * hourMs } });
    expect(await run('rotate token-signing --dry-run')).toBe(0);
    expect(said[0]?.text).toBe(
      'token-signing: v2 would become the previous version, and v1 dropped: what it has made is refused from then on',
    );
    expect(begun()).toBe(false);
  });

  it.each([
    [25 * hourMs - 1, 1],
    [25 * hourMs, 0],
  ])('does not drop a version that may have made what is still good (%i ms)', async (ms, code) => {
    const { clock, said, run, begun } = given({ state: once });
    clock.nowMs += ms;
    expect(await run('rotate token-signing')).toBe(code);
    expect(begun()).toBe(code === 0);
    if (code === 1) expect(said[0]?.text).toContain('may be good until 2026-02-01T10:00:00.000Z');
  });

  it('drops it when told to: a key that has leaked', async () => {
    const { run, begun } = given({ state: once });
    expect(await run('rotate token-signing --again')).toBe(0);
    expect(begun()).toBe(true);
  });

  it('begins none while another is under way', async () => {
    const { said, run, begun } = given({ state: { ...once, pending: 'v3' } });
    expect(await run('rotate token-signing --again')).toBe(1);
    expect(said[0]?.text).toContain('a rotation to v3 is under way, or has failed');
    expect(begun()).toBe(false);
  });

  it('takes no copy of the value for a rotation', async () => {
    const { said, run } = given({ copies: true });
    expect(await run('rotate token-signing')).toBe(1);
    expect(said[0]?.facts).toMatchObject({ rotated: false });
    expect(said[0]?.text).toContain('the engine has only copied the value');
  });
});

describe('what the command is asked', () => {
  it.each([
    ['', 'what with the secrets? list, rotate'],
    ['show', "there is no 'secrets show'"],
    ['rotate', 'which secret: token-signing or list-cursors?'],
    ['rotate pseudonyms', "'pseudonyms' is never rotated"],
    ['rotate toString', "there is no secret 'toString' to rotate"],
    ['rotate token-signing list-cursors', "what is 'list-cursors' for?"],
    ['list token-signing', "what is 'token-signing' for?"],
    ['list --again', "--again does not belong to 'secrets list'"],
    ['list --dry-run', "--dry-run does not belong to 'secrets list'"],
    ['rotate token-signing --within 0', '--within must be a whole number from 1 to 3600'],
  ])("'secrets %s' is refused, and it says why", async (text, message) => {
    const said: string[] = [];
    const output = {
      out: (line: string) => said.push(line),
      err: (line: string) => said.push(line),
    };
    expect(await ops(['secrets', ...words(text)], output, { folder: '/nowhere' })).toBe(2);
    expect(said.join('')).toContain(message);
  });
});
