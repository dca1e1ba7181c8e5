/** What a rotation does to one secret: looks at its versions, fills the pending one, makes it current. */

/** Which versions have a part in a rotation, by their ids. */
export interface RotationState {
  /** Whether the secret is set up for rotation. */
  readonly enabled: boolean;
  readonly current: string;
  /** The version of the rotation under way, or of the last one; it may have no value yet. */
  readonly pending: string | undefined;
}

/** Every call may be made again after an answer that was lost. */
export interface RotatingSecret {
  /** @throws when the secret cannot be read, or has no current version. */
  look(): Promise<RotationState>;
  /** The text of a version; undefined where there is none (yet). */
  value(version: string): Promise<string | undefined>;
  /** Gives a version its text and makes it the pending one. False: it has another text, which it keeps. */
  fill(version: string, value: string): Promise<boolean>;
  /** Makes a version the current one, and `from` the previous one. False: `from` is not current any more. */
  promote(version: string, from: string): Promise<boolean>;
}
