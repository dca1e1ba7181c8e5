/** A secret in memory, for tests and for trying things out. */
import type { SecretSource, SecretVersion, SecretVersions } from './secret-source.ts';

export interface MemorySource extends SecretSource {
  /** What was current becomes previous; what was previous is gone. */
  rotate(version: SecretVersion): void;
  /** The provider is down until the next `mend`. */
  fail(error: Error): void;
  mend(): void;
  /** Calls of `read` so far. */
  reads(): number;
}

export function memorySource(first: SecretVersion): MemorySource {
  let versions: SecretVersions = { current: first };
  let fault: Error | undefined;
  let reads = 0;
  return {
    async read() {
      reads += 1;
      if (fault) throw fault;
      return versions;
    },
    rotate(version) {
      versions = { current: version, previous: versions.current };
    },
    fail(error) {
      fault = error;
    },
    mend() {
      fault = undefined;
    },
    reads: () => reads,
  };
}
