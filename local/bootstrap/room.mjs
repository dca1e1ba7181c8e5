/** Room on the disk: looked for before anything is begun, and told of where it ends in the middle. */
import { mkdirSync, statfsSync } from 'node:fs';
import { EnvironmentMissing } from './missing.mjs';

const mb = 1024 * 1024;

/** What a run writes: an engine's files, templates, logs. */
export const runBytes = 300 * mb;

/** Besides, what an install of all packages leaves. */
export const installBytes = 1_200 * mb;

/** @param {string} folder */
function freeBytesOf(folder) {
  make(folder);
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const unmakeable = ['EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS'];

/** @param {string} folder */
function make(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && unmakeable.includes(String(error.code))))
      throw error;
    throw new EnvironmentMissing(
      `the folder ${folder} cannot be made: ${error.message}.\nName one that can in HOLDFAST_FOLDER, and run the same command again.`,
    );
  }
}

/** @type {typeof import('./room.d.mts').assertRoom} */
export function assertRoom(folder, neededBytes, freeBytes = freeBytesOf(folder)) {
  if (freeBytes < neededBytes)
    throw new EnvironmentMissing(
      `there is too little room for this: ${Math.floor(freeBytes / mb)} MB are free where ${folder} is, and about ${Math.ceil(neededBytes / mb)} MB are needed.\n${remedy}`,
    );
}

const remedy =
  'Free some, and run the same command again; .holdfast of this checkout may be removed as a whole, nothing in it is needed while nothing runs.';

const full = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;

/** @type {typeof import('./room.d.mts').noRoomLeft} */
export function noRoomLeft(error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : '';
    if (full.test(`${code} ${cause.message}`))
      return new EnvironmentMissing(`the disk is full: ${cause.message}\n${remedy}`);
  }
  return undefined;
}
