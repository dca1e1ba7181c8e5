/** What the global setups hand to tests: `inject('apiUrl')`. */
export interface GivenStack {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** The engine's address; undefined on AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** API key by tenant. */
  readonly apiKeys: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext extends GivenStack {
    /** Why there is nothing to test against; undefined when there is. */
    setupFault: string | undefined;
  }
}

/**
 * The stack that the end-to-end suite is pointed at, or undefined: then it starts its own.
 * `HOLDFAST_API_URL` and `HOLDFAST_API_KEYS` (JSON, by tenant), and `HOLDFAST_ENDPOINT` for a stack
 * that is not on AWS.
 *
 * @throws RangeError naming the variable that does not fit
 */
export function readGivenStack(
  env: Readonly<Record<string, string | undefined>>,
): GivenStack | undefined {
  const apiUrl = env['HOLDFAST_API_URL'];
  if (!apiUrl) return undefined;
  if (!URL.canParse(apiUrl))
    throw new RangeError(`HOLDFAST_API_URL must be a URL, got '${apiUrl}'`);
  return {
    apiUrl: apiUrl.replace(/\/+$/, ''),
    endpoint: env['HOLDFAST_ENDPOINT'] || undefined,
    region: env['HOLDFAST_REGION'] || env['AWS_REGION'] || 'us-east-1',
    apiKeys: readKeys(env['HOLDFAST_API_KEYS']),
  };
}

function readKeys(json: string | undefined): Record<string, string> {
  try {
    const keys: unknown = JSON.parse(json ?? '');
    if (keys && typeof keys === 'object' && Object.values(keys).every((k) => typeof k === 'string'))
      return keys as Record<string, string>;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new RangeError('HOLDFAST_API_KEYS must be a JSON object of API keys by tenant');
}
