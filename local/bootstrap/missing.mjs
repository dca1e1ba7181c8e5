/** Something that this machine lacks. The message ends with what to do about it. */
export class EnvironmentMissing extends Error {
  /** @override */
  name = 'EnvironmentMissing';
  exitCode = 3;
}
