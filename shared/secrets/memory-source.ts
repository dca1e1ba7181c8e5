/** A secret in memory, for tests and for trying things out. */
import type { SecretSource, SecretVersion, SecretVersions } from './secret-source.ts';

export interface MemorySource extends SecretSource {
  /** What was current becomes previous; what was previous is gone. */
  rotate(version: SecretVersion): void;
  /** The provider is down until the next `mend`. */
  fail(error: Error): void;
  /** The provider takes every call and answers none before the next `release` or `mend`. */
  hang(): void;
  release(): void;
  mend(): void;
  /** Calls of `read` so far. */
  reads(): number;
}

export function memorySource(first: SecretVersion): MemorySource {
  let versions: SecretVersions = { current: first };
  let fault: Error | undefined;
  let silence: PromiseWithResolvers<void> | undefined;
  let reads = 0;
  const release = () => {
    silence?.resolve();
    silence = undefined;
  };
  return {
    async read() {
      reads += 1;
      await silence?.promise;
      if (fault) throw fault;
      return versions;
    },
    rotate(version) {
      versions = { current: version, previous: versions.current };
    },
    fail(error) {
      fault = error;
    },
    hang() {
      silence ??= Promise.withResolvers();
    },
    release,
    mend() {
      fault = undefined;
      release();
    },
    reads: () => reads,
  };
}
