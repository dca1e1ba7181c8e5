import type { EnvironmentMissing } from './missing.mjs';

/** Bytes that a run writes, at most about. */
export declare const runBytes: number;

/** Bytes that an install of all packages leaves, besides. */
export declare const installBytes: number;

/**
 * @param folder made if it is not there.
 * @throws EnvironmentMissing with what is free and what is needed, or where the folder cannot be made.
 */
export declare function assertRoom(folder: string, neededBytes: number, freeBytes?: number): void;

/** What to say of an error that comes from a full disk, here or in a program that was run; undefined for any other. */
export declare function noRoomLeft(error: unknown): EnvironmentMissing | undefined;
