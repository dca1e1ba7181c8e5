/** Callers' names for logs, under the service's own key. */
import { type Pseudonyms, pseudonyms } from '#shared/auth/pseudonym.ts';
import { type Keyring, SecretUnavailableError } from '#shared/secrets/keyring.ts';

interface Named {
  readonly tenant: string;
  readonly user: string;
}

export type Pseudonymize = (named: Named) => Promise<Pseudonyms | undefined>;

/** Undefined while the key cannot be had, or not soon: a line then lacks its names, and no request fails for it. */
export const pseudonymizer =
  (keyring: Pick<Keyring, 'current'>): Pseudonymize =>
  async (named) => {
    try {
      return pseudonyms(named, (await keyring.current()).value);
    } catch (error) {
      if (error instanceof SecretUnavailableError) return undefined;
      throw error;
    }
  };
