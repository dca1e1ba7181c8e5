import { describe, expect, it } from 'vitest';
import { functions } from '#functions/tables/functions.ts';
import { retention } from '#functions/tables/retention.ts';
import { rotatedSecrets, secrets } from '#functions/tables/secrets.ts';
import { longestStaleMs } from '#shared/secrets/keyring.ts';

const dayMs = 86_400_000;

describe('the rotation of secrets', () => {
  it.each(rotatedSecrets)(
    'of %s leaves time for what was made with the last version, and for who remembers it',
    (name) => {
      const intervalMs = secrets[name].rotatedEveryDays * dayMs;
      // A reader may sign with the last version until it has read again, and a token lives on from then.
      expect(intervalMs).toBeGreaterThan(retention.tokenMs + longestStaleMs);
      // Secrets Manager chooses the hour of the day itself, so two rotations may be a day closer.
      expect(intervalMs - dayMs).toBeGreaterThan(retention.tokenMs + longestStaleMs);
    },
  );

  it('is never that of the pseudonyms: they join the lines of one user over time', () => {
    expect(rotatedSecrets).toEqual(['token-signing', 'list-cursors']);
  });

  it('is one function’s work, for all secrets that are rotated', () => {
    const rotating = Object.entries(functions).filter(([, row]) => 'rotates' in row);
    expect(rotating.map(([name]) => name)).toEqual(['secret-rotate']);
    expect(functions['secret-rotate'].rotates).toEqual(rotatedSecrets);
  });
});
