export interface Marked {
  readonly pid: number;
  /** Opaque; equal marks under one id are one process. */
  readonly startedAt: string;
}
export declare function markOf(pid: number): string | undefined;
export declare function isRunning(process: Marked): boolean;
export declare function thisProcess(): Marked;
export declare function launchers(): Marked[];
export declare function membersOf(group: number): number[];
