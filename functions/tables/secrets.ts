/**
 * The secrets, by name. All are made by Secrets Manager at the first deploy, and rotated by our own
 * function (functions/secret-rotate); no value is in a template.
 */
export interface SecretRow {
  readonly means: string;
  /**
   * A new version takes over so often, and the one before goes on to be accepted until the next does:
   * for longer than anything it made is good, and than a reader remembers it (tested). Absent: never.
   */
  readonly rotatedEveryDays?: number;
}

export const secrets = {
  'token-signing': {
    means: 'Signs and verifies the bearer tokens of callers (HS256).',
    rotatedEveryDays: 30,
  },
  'list-cursors': {
    means: 'Seals the cursors of lists, so that a caller cannot make one up.',
    rotatedEveryDays: 30,
  },
  // Never: the hash is what joins the lines of one user over time, and it gives access to nothing.
  pseudonyms: { means: 'Keys the hash under which tenants and users appear in logs.' },
} as const satisfies Readonly<Record<string, SecretRow>>;

export type SecretName = keyof typeof secrets;

export type RotatedSecretName = {
  [Name in SecretName]: (typeof secrets)[Name] extends { readonly rotatedEveryDays: number }
    ? Name
    : never;
}[SecretName];

export const rotatedSecrets = (Object.keys(secrets) as SecretName[]).filter(
  (name): name is RotatedSecretName => 'rotatedEveryDays' in secrets[name],
);
