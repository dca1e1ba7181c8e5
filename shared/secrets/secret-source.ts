/** Where the versions of one secret come from. */

export interface SecretVersion {
  /** Names this version for ever; tokens carry it as `kid`. */
  readonly id: string;
  readonly value: string;
}

export interface SecretVersions {
  readonly current: SecretVersion;
  /** The one before, until the next rotation; absent on a secret that was never rotated. */
  readonly previous?: SecretVersion;
}

export interface SecretSource {
  /**
   * Both versions as they stand. Throws when they cannot be read, a missing secret included. It ends
   * within seconds: no other read begins before.
   */
  read(): Promise<SecretVersions>;
}
