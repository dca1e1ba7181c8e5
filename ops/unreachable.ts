/** Why a stage cannot be worked on, said once for every command. */

const remedies: readonly (readonly [fits: RegExp, remedy: string])[] = [
  [
    /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ECONNRESET)$/,
    'the stack does not answer; has it ended? Start one with: npm start',
  ],
  [
    /^(ResourceNotFoundException|QueueDoesNotExist)$/,
    'the stage is not there, or not all of it: npm start, or npm run deploy -- --stage <stage>',
  ],
  [
    /^(CredentialsProviderError|ExpiredToken.*|UnrecognizedClientException|InvalidClientTokenId)$/,
    'there are no good AWS credentials: set AWS_PROFILE, or sign in',
  ],
  [/^Region is missing$/, 'no region is named: set AWS_REGION'],
];

/** What is missing and what to do; undefined for an error that says something else. */
export function whyUnreachable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const row = remedies.find(([fits]) =>
    [code, error.name, error.message].some((is) => fits.test(is)),
  );
  return row?.[1];
}
