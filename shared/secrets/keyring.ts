/**
 * The versions of one secret, cached. It follows a rotation as soon as somebody names the new
 * version, and it outlives an outage of the provider on the last value that was good; a provider
 * that is silent or slow does not hold up whoever could use that value.
 */
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { SecretSource, SecretVersion, SecretVersions } from './secret-source.ts';

/** The secret is not known, and its provider does not answer, or not in the time that was given. */
export class SecretUnavailableError extends Error {
  override name = 'SecretUnavailableError';
}

/** Whether the id names a version cannot be said before `retryAfterMs`: it was just asked for another. */
export class KeyringLimitedError extends Error {
  override name = 'KeyringLimitedError';
  readonly retryAfterMs: number;

  constructor(subject: string, retryAfterMs: number) {
    super(`versions of ${subject} may be asked for again in ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Keyring {
  /** Begins the first read, so that who asks next waits less. Does nothing once there was one. */
  prepare(): void;
  /** The version to sign with. @throws SecretUnavailableError */
  current(): Promise<SecretVersion>;
  /**
   * The current or previous version, if the id is one of theirs; the id itself goes nowhere. An id
   * that is neither is looked for once more at the source, so undefined is certain.
   *
   * @throws SecretUnavailableError, or KeyringLimitedError when the source was asked too recently.
   */
  key(id: string): Promise<SecretVersion | undefined>;
}

export interface KeyringOptions {
  readonly source: SecretSource;
  /** The secret's name, for errors and events. */
  readonly subject: string;
  /** Age from which versions are read again. */
  readonly maxAgeMs?: number;
  /** While the source fails or is silent, versions are used up to this age. */
  readonly maxStaleMs?: number;
  /** Longest wait for a read where a version is usable without it. The read goes on behind. */
  readonly patienceMs?: number;
  /** The same where no version is usable. Infinity: as long as the source takes. */
  readonly firstPatienceMs?: number;
  /** Least time between two looks at the source for an unknown id. */
  readonly lookEveryMs?: number;
  /** Least time between a failed read and the next, where no version is usable. */
  readonly retryEveryMs?: number;
  /** The same where one is. */
  readonly retryStaleEveryMs?: number;
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

interface Known {
  readonly versions: SecretVersions;
  readonly readAtMs: number;
  /** Which of all reads it came from. */
  readonly turn: number;
}

interface Reading {
  readonly done: Promise<Known>;
  /** Begins with the first who waits, and is one for all: no request after request waits in vain. */
  patience?: Promise<void>;
}

/** How old a version may be that is still used, unless a keyring is told otherwise. */
export const longestStaleMs = 3_600_000;

export function keyring({
  source,
  subject,
  maxAgeMs = 300_000,
  maxStaleMs = longestStaleMs,
  patienceMs = 150,
  firstPatienceMs = Number.POSITIVE_INFINITY,
  lookEveryMs = 10_000,
  retryEveryMs = 1_000,
  retryStaleEveryMs = 30_000,
  listen = silent,
  now = Date.now,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: KeyringOptions): Keyring {
  for (const [name, value] of Object.entries({
    maxAgeMs,
    maxStaleMs,
    patienceMs,
    firstPatienceMs,
    lookEveryMs,
    retryEveryMs,
    retryStaleEveryMs,
  }))
    if (!(value >= 0)) throw new RangeError(`${name} must be a number from 0, got ${value}`);
  if (maxStaleMs < maxAgeMs)
    throw new RangeError(`maxStaleMs must be at least maxAgeMs (${maxAgeMs}), got ${maxStaleMs}`);

  let known: Known | undefined;
  let failed: { readonly atMs: number; readonly error: SecretUnavailableError } | undefined;
  let reading: Reading | undefined;
  let turns = 0;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  /** Distance to an instant: a clock that steps back ages a value as much as one that goes on. */
  const since = (atMs: number): number => Math.abs(now() - atMs);

  /** One read at a time; whoever comes meanwhile has the same. `done` ends with SecretUnavailableError. */
  function read(): Reading {
    reading ??= {
      done: readOnce().finally(() => {
        reading = undefined;
      }),
    };
    return reading;
  }

  /** What the read gives, or what `otherwise` does when it takes longer than `ms`. */
  function within<T>(ms: number, of: Reading, otherwise: () => T): Promise<Known | T> {
    if (ms === Number.POSITIVE_INFINITY) return of.done;
    of.patience ??= sleep(ms);
    return Promise.race([of.done, of.patience.then(otherwise)]);
  }

  async function readOnce(): Promise<Known> {
    turns += 1;
    const turn = turns;
    try {
      known = { versions: await source.read(), readAtMs: now(), turn };
    } catch (cause) {
      if (!failed) tell('degraded', 'warning');
      const error = new SecretUnavailableError(`${subject} cannot be read`, { cause });
      failed = { atMs: now(), error };
      throw error;
    }
    if (failed) tell('recovered', 'info');
    failed = undefined;
    return known;
  }

  const tell = (happened: string, severity: 'warning' | 'info') =>
    listen({ pattern: 'secrets', happened, subject, severity });

  /** What is known, read again when it is old; while the source fails or is silent, what was good last. */
  async function load(): Promise<Known> {
    if (known && since(known.readAtMs) < maxAgeMs) return known;
    const usable = known && since(known.readAtMs) < maxStaleMs ? known : undefined;
    if (failed && since(failed.atMs) < (usable ? retryStaleEveryMs : retryEveryMs)) {
      if (usable) return usable;
      throw failed.error;
    }
    if (usable) return within(patienceMs, read(), () => usable).catch(() => usable);
    return within(firstPatienceMs, read(), () => {
      throw new SecretUnavailableError(`${subject} was not read within ${firstPatienceMs} ms`);
    });
  }

  /** @throws KeyringLimitedError when this would be the second look within `lookEveryMs`. */
  async function look(arrivedAtTurn: number): Promise<Known> {
    const sinceMs = since(lookedAtMs);
    if (sinceMs < lookEveryMs) throw new KeyringLimitedError(subject, lookEveryMs - sinceMs);
    lookedAtMs = now();
    const found = await read().done;
    // A read that others had begun before may be older than the version that is asked for.
    return found.turn > arrivedAtTurn ? found : read().done;
  }

  return {
    prepare() {
      // Its failure has been told, and is thrown to whoever asks.
      if (turns === 0) read().done.catch(() => {});
    },
    current: async () => (await load()).versions.current,
    async key(id) {
      const arrivedAtTurn = turns;
      const loaded = await load();
      const version = named(id, loaded);
      if (version || loaded.turn > arrivedAtTurn) return version;
      return named(id, await look(arrivedAtTurn));
    },
  };
}

const named = (id: string, { versions }: Known): SecretVersion | undefined =>
  [versions.current, versions.previous].find((version) => version?.id === id);
