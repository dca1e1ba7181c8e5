/** The secrets, by name. All are made by Secrets Manager at the first deploy; no value is in a template. */
export const secrets = {
  'token-signing': { means: 'Signs and verifies the bearer tokens of callers (HS256).' },
  'list-cursors': { means: 'Seals the cursors of lists, so that a caller cannot make one up.' },
  pseudonyms: { means: 'Keys the hash under which tenants and users appear in logs.' },
} as const;

export type SecretName = keyof typeof secrets;
