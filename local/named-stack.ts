/**
 * A stack that somebody names by the URL of its API, and by nothing else: `HOLDFAST_API_URL`. Where
 * its other services are follows from the URL.
 */
import { localRegion, loopbackEndpoint } from '#ops/aws-guard.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface NamedStack {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** The engine's address; undefined on AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** By tenant, where they were said; else the gateway is asked. */
  readonly apiKeys: Readonly<Record<string, string>> | undefined;
}

/**
 * Undefined where no stack is named. These may be said besides: `HOLDFAST_ENDPOINT` (of an engine that
 * serves its API under another address), `HOLDFAST_REGION` and `HOLDFAST_API_KEYS` (JSON, by tenant).
 *
 * @throws RangeError naming the variable that does not fit
 */
export function namedStack(env: Variables): NamedStack | undefined {
  const said = env['HOLDFAST_API_URL'];
  if (!said) return undefined;
  const url = readUrl(said);
  const endpoint = env['HOLDFAST_ENDPOINT'] || (isLoopback(url) ? url.origin : undefined);
  if (endpoint !== undefined) loopback('HOLDFAST_ENDPOINT', endpoint);
  else if (url.protocol !== 'https:')
    throw new RangeError(
      `HOLDFAST_API_URL must begin with https beyond this machine, got '${said}'`,
    );
  const keys = env['HOLDFAST_API_KEYS'];
  return {
    apiUrl: said.replace(/\/+$/, ''),
    endpoint,
    region: endpoint === undefined ? regionOf(url, env) : localRegion,
    apiKeys: keys === undefined ? undefined : readKeys(keys),
  };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new RangeError(`HOLDFAST_API_URL must be the URL of an API, got '${text}'`);
  return url;
}

function isLoopback({ origin }: URL): boolean {
  try {
    return loopbackEndpoint(origin) === origin;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function loopback(variable: string, endpoint: string): void {
  try {
    loopbackEndpoint(endpoint);
  } catch (cause) {
    throw new RangeError(`${variable}: ${(cause as Error).message}`, { cause });
  }
}

/** An API's own name on AWS says its region; a custom domain does not. */
const ownName = /^[a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

function regionOf({ hostname }: URL, env: Variables): string {
  const [, inName] = ownName.exec(hostname) ?? [];
  const region = env['HOLDFAST_REGION'] || inName || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (region) return region;
  throw new RangeError(`AWS_REGION must say in which region ${hostname} is: its name does not`);
}

function readKeys(json: string): Record<string, string> {
  try {
    const keys: unknown = JSON.parse(json);
    if (keys && typeof keys === 'object' && Object.values(keys).every((k) => typeof k === 'string'))
      return keys as Record<string, string>;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new RangeError('HOLDFAST_API_KEYS must be a JSON object of API keys by tenant');
}
