export declare class EnvironmentMissing extends Error {
  readonly exitCode: 3;
}
