/** A secret in memory that can be rotated, with the labels as Secrets Manager moves them. */
import type { RotatingSecret } from './rotating-secret.ts';
import type { SecretSource, SecretVersion } from './secret-source.ts';

export interface MemoryRotatingSecret extends RotatingSecret, SecretSource {
  /**
   * As RotateSecret does: makes a pending version without a value. Again for the same version, it
   * changes nothing. @throws Error while another rotation is under way.
   */
  begin(version: string): void;
  /** All that there is, at once. */
  snapshot(): MemoryRotatingSecretState;
}

export interface MemoryRotatingSecretState {
  readonly current: string;
  readonly previous: string | undefined;
  readonly pending: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

export function memoryRotatingSecret(first: SecretVersion): MemoryRotatingSecret {
  const values = new Map<string, string>([[first.id, first.value]]);
  let current = first.id;
  let previous: string | undefined;
  let pending: string | undefined;
  let enabled = false;

  /** @throws Error for a version without a value: only the pending one may be. */
  function version(id: string): SecretVersion {
    const value = values.get(id);
    if (value === undefined) throw new Error(`version ${id} has no value`);
    return { id, value };
  }

  return {
    begin(id) {
      if (pending !== undefined && pending !== current && pending !== id)
        throw new Error(`a rotation to ${pending} is under way`);
      enabled = true;
      if (id !== current) pending = id;
    },
    async look() {
      return { enabled, current, pending };
    },
    async value(id) {
      return values.get(id);
    },
    async fill(id, value) {
      const filled = values.get(id);
      if (filled !== undefined) return filled === value;
      values.set(id, value);
      pending = id;
      return true;
    },
    async promote(id, from) {
      if (current !== from) return false;
      current = version(id).id;
      previous = from;
      return true;
    },
    async read() {
      return {
        current: version(current),
        ...(previous !== undefined && { previous: version(previous) }),
      };
    },
    snapshot: () => ({ current, previous, pending, values: Object.fromEntries(values) }),
  };
}
