import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { assertRoom, noRoomLeft, runBytes } from '#local/bootstrap/room.mjs';
import { scratchFolder } from './scratch.ts';

const mb = 1024 * 1024;

describe('room on the disk', () => {
  it('that is too little is told of with what is free, what is needed, and what to do', () => {
    const folder = scratchFolder();
    expect(() => assertRoom(folder, runBytes, 12.9 * mb)).toThrow(EnvironmentMissing);
    expect(() => assertRoom(folder, runBytes, 12.9 * mb)).toThrow(
      `12 MB are free where ${folder} is, and about 300 MB are needed.\nFree some`,
    );
  });

  it('that is enough to the byte is enough', () => {
    expect(() => assertRoom(scratchFolder(), runBytes, runBytes)).not.toThrow();
  });

  it.each([
    ['a file', 'file'],
    ['below a file', 'file/below/it'],
  ])('is not asked where the folder is %s, which is told with what names another', (_, path) => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    const asking = () => assertRoom(join(folder, path), 1);
    expect(asking).toThrow(EnvironmentMissing);
    expect(asking).toThrow(
      new RegExp(
        `^the folder ${join(folder, path)} cannot be made: .+\\nName one .+HOLDFAST_FOLDER`,
      ),
    );
  });

  it('is asked of the disk itself', () => {
    expect(() => assertRoom(scratchFolder(), 1)).not.toThrow();
    expect(() => assertRoom(scratchFolder(), Number.MAX_SAFE_INTEGER)).toThrow('MB are free');
  });
});

describe('an error', () => {
  it.each([
    ['of ours', Object.assign(new Error('write'), { code: 'ENOSPC' })],
    ['of a quota', Object.assign(new Error('write'), { code: 'EDQUOT' })],
    ['of a program', new Error('pip failed: [Errno 28] No space left on device')],
    ['below another', new Error('deploying', { cause: new Error('ENOSPC: no space left') })],
  ])('%s that comes from a full disk is told as such', (_, error) => {
    expect(noRoomLeft(error)?.message).toMatch(/^the disk is full: .+\nFree some/);
  });

  it.each([[new Error('EACCES')], ['no space left on device'], [undefined]])(
    'that is another is left as it is: %s',
    (error) => {
      expect(noRoomLeft(error)).toBeUndefined();
    },
  );
});
